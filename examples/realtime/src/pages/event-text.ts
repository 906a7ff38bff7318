import type { AuthEvent } from "@mortise/core"
import { factorNames } from "./factors.js"

const texts: Readonly<Partial<Record<AuthEvent["type"], string>>> = {
  "user.registered": "Account created",
  "user.disabled": "Account closed by us",
  "user.enabled": "Account opened by us",
  "user.deactivated": "Account closed",
  "user.reactivated": "Account opened again",
  "user.exported": "Data downloaded",
  "user.erasure_began": "Account being ended",
  "user.erased": "Account ended",
  "sign_in.refused": "Sign-in refused",
  "session.opened": "Session opened",
  "session.renewed": "Session prolonged",
  "session.rotated": "Session got a new token",
  "session.token_mismatch": "A token that was no longer good was used",
  "session.elevated": "Showed again that it is you",
  "device.remembered": "Browser remembered",
  "refresh_token.reused": "A refresh token was used twice",
  "refresh_token.refused": "A refresh token was refused",
  "password.changed": "Password changed",
  "password.rehashed": "Password stored anew",
  "password.change_refused": "Change of password refused",
  "password.reset": "Password reset",
  "password.reset_requested": "A mail to reset the password was asked for",
  "password.reset_refused": "Reset of the password refused",
  "email.verification_requested": "Mail to confirm the address sent",
  "email.verified": "Email address confirmed",
  "email.change_requested": "Change of the email address asked for",
  "email.changed": "Email address changed",
  "email.change_undone": "Change of the email address undone",
  "email.refused": "A link of a mail refused",
  "socket.opened": "Came into the room",
  "socket.closed": "Left the room",
  "socket.refused": "Not let into the room",
  "guard.refused": "Refused at a door",
  "limit.hit": "Slowed down",
  "request.cross_origin": "A request from another site refused",
}

/** An event in words. One that nobody foresaw is called by its name. */
export function eventText(event: AuthEvent): string {
  switch (event.type) {
    case "sign_in.succeeded":
      return `Signed in (${event.flow})`
    case "session.ended":
      return `Session ended: ${wordsOf(event.cause)}`
    case "factor.passed":
      return `${factorNames[event.factor]} was right`
    case "factor.refused":
      return `${factorNames[event.factor]} was refused`
    case "factor.code_sent":
      return `${factorNames[event.factor]} sent`
    case "factor.enrolled":
      return `${factorNames[event.factor]} added`
    case "factor.removed":
      return `${factorNames[event.factor]} removed`
    case "consent.given":
      return `Agreed: ${event.purpose}`
    case "consent.withdrawn":
      return `Took back: ${event.purpose}`
    default:
      return texts[event.type] ?? event.type
  }
}

function wordsOf(word: string): string {
  return word.replaceAll("_", " ")
}

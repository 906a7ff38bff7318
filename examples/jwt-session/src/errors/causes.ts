import type { AuthEvent } from "@mortise/core"

/** Why a token was refused, in words for whoever runs the server. A visitor is told none of it. */
const tokenCauses: Readonly<Record<string, string>> = {
  malformed: "The cookie holds no token of ours.",
  unknown_key: "It is signed with a key that this server does not know.",
  wrong_algorithm: "It names another algorithm than its key has.",
  bad_signature: "The signature does not fit: the token was changed, or somebody else signed it.",
  wrong_type: "It is a token of another type: good elsewhere, and no session.",
  wrong_issuer: "Another server issued it.",
  wrong_audience: "It is for another audience.",
  wrong_realm: "It belongs to another realm.",
  not_yet_valid: "It is from the future: two clocks are further apart than the leeway of 30 seconds.",
  expired: "Its life is over, and its grace as well.",
  revoked: "The session was ended.",
}

/** What an event says about the cause of what a visitor saw; undefined for one that says nothing about it. */
export function causeOf(event: AuthEvent): string | undefined {
  if (event.type === "session.token_refused") {
    return `${event.type}, cause ${event.cause}: ${tokenCauses[event.cause] ?? ""}`
  }
  if (event.type === "session.token_mismatch") {
    return `${event.type}: there is such a session, but the secret in the cookie is not its own.`
  }
  if (event.type === "sign_in.refused") {
    const detail = event.detail ? ` (${event.detail})` : ""
    return `${event.type}, cause ${event.cause}${detail}: the provider's answer was an error, so nobody is signed in.`
  }
  return undefined
}

/** Why no cookie came, where that can be told: a browser sends it to the host that set it, and to no other. */
export function hostMismatch(host: string, origin: string): string | undefined {
  const home = new URL(origin).host
  return host === home
    ? undefined
    : `cookie domain mismatch: the request came to ${host}, the cookie belongs to ${home}, so the browser sends none.`
}

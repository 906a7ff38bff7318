import type { MailTemplate } from "../mail-template.js"
import { codeBlock, instantIn, letterOf, linkBlock, paragraph } from "./letter-layout.js"

/** What a sign-in mail says in one language: plain text, one line each. */
export interface SignInSentences {
  /** BCP 47 tag of the language: for screen readers, and for how an instant is written. */
  readonly language: string
  /** Subject, heading and the text of the link. */
  readonly signIn: (appName: string) => string
  /** Before the link. */
  readonly openLink: string
  /** Before the address of the link, written out. */
  readonly copyAddress: string
  /** Before the code. */
  readonly enterCode: string
  /** Until when, and how often; `until` says its time zone. */
  readonly validUntil: (until: string, hasCode: boolean) => string
  /** Whom to give it to: nobody. What to do if one did not ask for it: nothing. */
  readonly notYou: string
}

/** The built-in sign-in mail in any language, in the layout of all letters. */
export function signInLetter(sentences: SignInSentences): MailTemplate {
  return ({ code, expiresAt, url }, { appName, timeZone }) => {
    const { copyAddress, enterCode, language, notYou, openLink } = sentences
    const subject = sentences.signIn(appName)
    const until = instantIn(language, timeZone, expiresAt)
    return letterOf({ language, subject }, [
      linkBlock(url, { openLink, linkText: subject, copyAddress }),
      ...(code === undefined ? [] : [codeBlock(code, enterCode)]),
      paragraph(sentences.validUntil(until, code !== undefined)),
      paragraph(notYou),
    ])
  }
}

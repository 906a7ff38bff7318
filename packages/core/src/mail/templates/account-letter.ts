import { MailError } from "../../errors.js"
import type { AccountMail, AccountNotice } from "../account-mail.js"
import type { AccountTemplate } from "../mail-template.js"
import { codeBlock, instantIn, letterOf, linkBlock, paragraph } from "./letter-layout.js"

type LinkKind = Extract<AccountMail, { readonly url: string }>["kind"]

/** What a mail with a link says: plain text, one line each. */
export interface LinkSentences {
  /** The mail's subject. */
  readonly subject: (appName: string) => string
  /** Before the link: what happened, if anything did, and what the link is for. */
  readonly openLink: string
  /** The text of the link. Default: the subject. */
  readonly linkText?: string
  /** Whom to give it to: nobody. What to do if one did not ask for it: nothing. */
  readonly notYou: string
}

/** What a mail says that asks nothing. */
export interface NoticeSentences {
  /** The mail's subject. */
  readonly subject: (appName: string) => string
  /** What happened; `at` says its time zone. */
  readonly happened: (at: string) => string
  /** What to do if it was not the reader. */
  readonly notYou: string
}

/** What mails about accounts say in one language: plain text, one line each. */
export interface AccountSentences {
  /** BCP 47 tag of the language: for screen readers, and for how an instant is written. */
  readonly language: string
  /** Before the address of a link, written out. */
  readonly copyAddress: string
  /** Until when a link is good; `until` says its time zone. */
  readonly linkValidUntil: (until: string) => string
  readonly links: Readonly<Record<LinkKind, LinkSentences>>
  readonly code: {
    /** The mail's subject. */
    readonly subject: (appName: string) => string
    /** Before the code. */
    readonly enterCode: string
    /** Until when the code is good; `until` says its time zone. */
    readonly validUntil: (until: string) => string
    readonly notYou: string
  }
  readonly notices: Readonly<Record<AccountNotice, NoticeSentences>>
}

/** The built-in mails about accounts in any language, in the layout of all letters. */
export function accountLetter(sentences: AccountSentences): AccountTemplate {
  const { copyAddress, language } = sentences
  return (mail, { appName, timeZone }) => {
    const instant = (at: number): string => instantIn(language, timeZone, at)
    switch (mail.kind) {
      case "notice": {
        const { happened, notYou, subject } = wordsOf(sentences.notices, mail.notice)
        return letterOf({ language, subject: subject(appName) }, [
          paragraph(happened(instant(mail.at))),
          paragraph(notYou),
        ])
      }
      case "second_factor": {
        const { enterCode, notYou, subject, validUntil } = sentences.code
        return letterOf({ language, subject: subject(appName) }, [
          codeBlock(mail.code, enterCode),
          paragraph(validUntil(instant(mail.expiresAt))),
          paragraph(notYou),
        ])
      }
      default: {
        const words = wordsOf(sentences.links, mail.kind)
        const subject = words.subject(appName)
        return letterOf({ language, subject }, [
          linkBlock(mail.url, { openLink: words.openLink, linkText: words.linkText ?? subject, copyAddress }),
          paragraph(sentences.linkValidUntil(instant(mail.expiresAt))),
          paragraph(words.notYou),
        ])
      }
    }
  }
}

/** Another Worker may ask for a kind of mail that this one does not know yet. */
function wordsOf<Kind extends string, Words>(words: Readonly<Record<Kind, Words>>, kind: Kind): Words {
  if (Object.hasOwn(words, kind)) return words[kind]
  throw new MailError("invalid", "kind")
}

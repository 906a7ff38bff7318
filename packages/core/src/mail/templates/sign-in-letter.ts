import type { EpochMs } from "../../clock.js"
import { escapeHtml } from "../../escape-html.js"
import type { MailTemplate } from "../mail-template.js"

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

/**
 * The built-in sign-in mail in any language. Accessible: language and title are marked, the link has a text of its own and its address stands
 * below it, a code is read digit by digit. No image, no colour of its own (dark mode), sizes that grow with the reader's, nothing that
 * tells whether it was opened. The plain text says the same sentences.
 */
export function signInLetter(sentences: SignInSentences): MailTemplate {
  return ({ code, expiresAt, url }, { appName, timeZone }) => {
    const { copyAddress, enterCode, language, notYou, openLink } = sentences
    const subject = sentences.signIn(appName)
    const validUntil = sentences.validUntil(instantIn(language, timeZone, expiresAt), code !== undefined)
    const [link, title] = [escapeHtml(url), escapeHtml(subject)]
    const codeText = code === undefined ? [] : [`${enterCode}\n${groups(code).join(" ")}`]
    const codeHtml = code === undefined ? [] : [paragraph(enterCode), codeBlock(code)]
    return {
      subject,
      text: `${[subject, `${openLink}\n${url}`, ...codeText, validUntil, notYou].join("\n\n")}\n`,
      html: [
        `<!doctype html>`,
        `<html lang="${escapeHtml(language)}" dir="auto">`,
        `<head>`,
        `<meta charset="utf-8">`,
        `<meta name="viewport" content="width=device-width, initial-scale=1">`,
        `<meta name="color-scheme" content="light dark">`,
        `<title>${title}</title>`,
        `</head>`,
        `<body style="margin:0;padding:1em;font:1em/1.5 system-ui,sans-serif">`,
        // Mail programs that show the body only would lose the language of the document.
        `<div lang="${escapeHtml(language)}" dir="auto" style="max-width:36em;margin:0 auto;overflow-wrap:anywhere;word-break:break-word">`,
        `<h1 style="font-size:1.5em;line-height:1.25;margin:0 0 1em">${title}</h1>`,
        paragraph(openLink),
        `<p style="margin:0 0 1.5em"><a href="${link}" style="${linkStyle}">${title}</a></p>`,
        paragraph(copyAddress),
        `<p style="margin:0 0 1.5em">${link}</p>`,
        ...codeHtml,
        paragraph(validUntil),
        paragraph(notYou),
        `</div>`,
        `</body>`,
        `</html>`,
        ``,
      ].join("\n"),
    }
  }
}

const linkStyle =
  "display:inline-block;padding:.75em 1.25em;border:.125em solid;border-radius:.5em;color:inherit;font-weight:bold"

// Where both do not fit beside each other, they stand below each other.
const groupStyle = "display:inline-block;margin-right:.4em"

function paragraph(sentence: string): string {
  return `<p style="margin:0 0 1em">${escapeHtml(sentence)}</p>`
}

/**
 * The space between the groups is for eyes only, so that copying takes the digits alone. A name may be given to an image, not to a
 * stretch of text (WAI-ARIA 1.2 §5.2.8.6); as one it is read digit by digit, not as millions.
 */
function codeBlock(code: string): string {
  const inGroups = groups(code)
    .map((group) => `<span style="${groupStyle}">${escapeHtml(group)}</span>`)
    .join("")
  const spelled = escapeHtml([...code].join(" "))
  return `<p style="margin:0 0 1.5em;font-size:1.75em;font-weight:bold"><span role="img" aria-label="${spelled}">${inGroups}</span></p>`
}

/** Two halves: people keep three or four digits in mind at a time. */
function groups(code: string): readonly string[] {
  const half = Math.floor(code.length / 2)
  return [code.slice(0, half), code.slice(half)]
}

function instantIn(language: string, timeZone: string, at: EpochMs): string {
  return new Intl.DateTimeFormat(language, {
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
    timeZoneName: "short",
  }).format(at)
}

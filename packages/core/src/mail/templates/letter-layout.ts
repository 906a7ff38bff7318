import type { EpochMs } from "../../clock.js"
import { escapeHtml } from "../../escape-html.js"
import type { MailContent } from "../mail-template.js"

/** A part of a letter in both of its forms. */
export interface LetterPart {
  readonly text: string
  /** Lines of HTML, with everything in it escaped. */
  readonly html: readonly string[]
}

/** What is around a letter. */
export interface LetterFrame {
  /** BCP 47 tag. */
  readonly language: string
  /** Subject, title and heading. */
  readonly subject: string
}

/**
 * The layout of every built-in letter. Accessible: language and title are marked, a link has a text of its own and its address stands
 * below it, a code is read digit by digit. No image, no colour of its own (dark mode), sizes that grow with the reader's, nothing that
 * tells whether it was opened. The plain text says the same sentences.
 */
export function letterOf({ language, subject }: LetterFrame, parts: readonly LetterPart[]): MailContent {
  const title = escapeHtml(subject)
  return {
    subject,
    text: `${[subject, ...parts.map(({ text }) => text)].join("\n\n")}\n`,
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
      ...parts.flatMap(({ html }) => html),
      `</div>`,
      `</body>`,
      `</html>`,
      ``,
    ].join("\n"),
  }
}

/** A sentence or two. */
export function paragraph(sentence: string): LetterPart {
  return { text: sentence, html: [paragraphHtml(sentence)] }
}

/** What to open, by name, and its address written out for who cannot. */
export function linkBlock(
  url: string,
  words: { readonly openLink: string; readonly linkText: string; readonly copyAddress: string },
): LetterPart {
  const link = escapeHtml(url)
  return {
    text: `${words.openLink}\n${url}`,
    html: [
      paragraphHtml(words.openLink),
      `<p style="margin:0 0 1.5em"><a href="${link}" style="${linkStyle}">${escapeHtml(words.linkText)}</a></p>`,
      paragraphHtml(words.copyAddress),
      `<p style="margin:0 0 1.5em">${link}</p>`,
    ],
  }
}

/**
 * A code to be typed. The space between its groups is for eyes only, so that copying takes the digits alone. A name may be given to an image, not
 * to a stretch of text (WAI-ARIA 1.2 §5.2.8.6); as one it is read digit by digit, not as millions.
 */
export function codeBlock(code: string, enterCode: string): LetterPart {
  const inGroups = groups(code)
    .map((group) => `<span style="${groupStyle}">${escapeHtml(group)}</span>`)
    .join("")
  const spelled = escapeHtml([...code].join(" "))
  return {
    text: `${enterCode}\n${groups(code).join(" ")}`,
    html: [
      paragraphHtml(enterCode),
      `<p style="margin:0 0 1.5em;font-size:1.75em;font-weight:bold"><span role="img" aria-label="${spelled}">${inGroups}</span></p>`,
    ],
  }
}

/** An instant as people of the language write it, with its time zone. */
export function instantIn(language: string, timeZone: string, at: EpochMs): string {
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

const linkStyle =
  "display:inline-block;padding:.75em 1.25em;border:.125em solid;border-radius:.5em;color:inherit;font-weight:bold"

// Where both do not fit beside each other, they stand below each other.
const groupStyle = "display:inline-block;margin-right:.4em"

function paragraphHtml(sentence: string): string {
  return `<p style="margin:0 0 1em">${escapeHtml(sentence)}</p>`
}

/** Two halves: people keep three or four digits in mind at a time. */
function groups(code: string): readonly string[] {
  const half = Math.floor(code.length / 2)
  return [code.slice(0, half), code.slice(half)]
}

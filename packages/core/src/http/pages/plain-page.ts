import { escapeHtml } from "../../escape-html.js"
import { type Answer, noStore } from "../answer.js"

/** What a page of the library's own shows: one matter, and either a form of one button or a way on. Plain text; it is escaped where it is written. */
export interface PlainPage {
  readonly locale: string
  readonly title: string
  readonly text: string
  /** Whom it is about: stands out below the text. */
  readonly email?: string | undefined
  /** What must be read before the button is pressed. */
  readonly note?: string | undefined
  /** Where the form posts to, and the hidden fields that it posts. */
  readonly form?:
    | {
        readonly action: string
        readonly fields: Readonly<Record<string, string>>
        readonly button: string
      }
    | undefined
  readonly link?: { readonly href: string; readonly text: string } | undefined
}

// Its address holds a link of a mail: no other site may hear it, frame it, or add to it.
const ownPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const anyPolicy = "frame-ancestors 'none'"

/** The answer that shows a view, by the host's own page if there is one and it does not throw, else by ours. */
export function pageAnswer<View>(
  view: View,
  status: number,
  plain: (view: View) => PlainPage,
  page: ((view: View) => string) | undefined,
  onFault: (fault: unknown) => void,
): Answer {
  const own = page && written(page, view, onFault)
  return {
    status,
    headers: [
      noStore,
      ["content-type", "text/html; charset=utf-8"],
      ["content-security-policy", own === undefined ? ownPolicy : anyPolicy],
      ["referrer-policy", "strict-origin"],
      ["x-robots-tag", "noindex"],
    ],
    body: own ?? htmlOf(plain(view)),
  }
}

function written<View>(
  page: (view: View) => string,
  view: View,
  onFault: (fault: unknown) => void,
): string | undefined {
  try {
    return page(view)
  } catch (fault) {
    onFault(fault)
    return undefined
  }
}

const style =
  ":root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{margin:0}main{max-width:32rem;margin:12vh auto;padding:0 1.5rem}" +
  "h1{font-size:1.5rem}strong{overflow-wrap:anywhere}button{font:inherit;padding:.6rem 1.2rem}"

function htmlOf({ email, form, link, locale, note, text, title }: PlainPage): string {
  const heading = escapeHtml(title)
  return (
    `<!doctype html><html lang="${escapeHtml(locale)}"><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width,initial-scale=1"><title>${heading}</title><style>${style}</style>` +
    `<main><h1>${heading}</h1><p>${escapeHtml(text)}</p>` +
    (email === undefined ? "" : `<p><strong>${escapeHtml(email)}</strong></p>`) +
    (note === undefined ? "" : `<p>${escapeHtml(note)}</p>`) +
    (form ? formOf(form) : "") +
    (link ? `<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a></p>` : "") +
    "</main></html>"
  )
}

function formOf({ action, button, fields }: NonNullable<PlainPage["form"]>): string {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  return `<form method="post" action="${escapeHtml(action)}">${hidden.join("")}<button>${escapeHtml(button)}</button></form>`
}

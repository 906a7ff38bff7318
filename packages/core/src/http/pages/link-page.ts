import { escapeHtml } from "../../escape-html.js"
import type { Answer } from "../answer.js"
import { noStore } from "../answer.js"
import type { LinkRefusal, LinkWords } from "./link-words.js"

/** What the page behind a link shows. A host's own page gets the same. */
export type LinkPageView<L extends string = string> =
  | {
      readonly kind: "confirm"
      readonly locale: L
      readonly words: LinkWords
      /** Whom the link signs in. */
      readonly email: string
      /** Whether the account was never verified: then the page must say what is lost, and the form must post `claim`. */
      readonly claimRequired: boolean
      /** Where the form posts to, and the hidden fields that it posts. */
      readonly action: string
      readonly fields: Readonly<Record<string, string>>
    }
  | {
      readonly kind: "refused"
      /** What the realm's rule says instead of the page's own words. */
      readonly message: string | undefined
      readonly locale: L
      readonly words: LinkWords
      readonly reason: LinkRefusal
      /** The page on which a new link can be asked for. */
      readonly signIn: string
    }

/** Makes a whole HTML page of a view. Escape what stands in it. */
export type LinkPage<L extends string = string> = (view: LinkPageView<L>) => string

// Its address holds the link: no other site may hear it, frame it, or add to it.
const ownPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const anyPolicy = "frame-ancestors 'none'"

/** The answer that shows a view, by the host's own page if there is one and it does not throw. */
export function linkPageAnswer<L extends string>(
  view: LinkPageView<L>,
  status: number,
  page: LinkPage<L> | undefined,
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
    body: own ?? plainPage(view),
  }
}

function written<L extends string>(
  page: LinkPage<L>,
  view: LinkPageView<L>,
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

function plainPage(view: LinkPageView): string {
  const { kind, locale, words } = view
  const title = escapeHtml(kind === "confirm" ? words.title : words.refusedTitle)
  return (
    `<!doctype html><html lang="${escapeHtml(locale)}"><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title><style>${style}</style>` +
    `<main><h1>${title}</h1>${kind === "confirm" ? form(view) : sorry(view)}</main></html>`
  )
}

function form({
  action,
  claimRequired,
  email,
  fields,
  words,
}: LinkPageView & { readonly kind: "confirm" }): string {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  const warning = claimRequired ? `<p>${escapeHtml(words.claim)}</p>` : ""
  return (
    `<p>${escapeHtml(words.question)}</p><p><strong>${escapeHtml(email)}</strong></p>${warning}` +
    `<form method="post" action="${escapeHtml(action)}">${hidden.join("")}` +
    `<button>${escapeHtml(claimRequired ? words.claimButton : words.button)}</button></form>`
  )
}

function sorry({ message, reason, signIn, words }: LinkPageView & { readonly kind: "refused" }): string {
  return `<p>${escapeHtml(message ?? words.refused[reason])}</p><p><a href="${escapeHtml(signIn)}">${escapeHtml(words.again)}</a></p>`
}

import type { Answer } from "../answer.js"
import type { LinkRefusal, LinkWords } from "./link-words.js"
import { type PlainPage, pageAnswer } from "./plain-page.js"

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

/** The answer that shows a view, by the host's own page if there is one and it does not throw. */
export function linkPageAnswer<L extends string>(
  view: LinkPageView<L>,
  status: number,
  page: LinkPage<L> | undefined,
  onFault: (fault: unknown) => void,
): Answer {
  return pageAnswer(view, status, plainPage, page, onFault)
}

function plainPage(view: LinkPageView): PlainPage {
  const { locale, words } = view
  if (view.kind === "refused") {
    const text = view.message ?? words.refused[view.reason]
    return { locale, title: words.refusedTitle, text, link: { href: view.signIn, text: words.again } }
  }
  const { action, claimRequired, email, fields } = view
  const button = claimRequired ? words.claimButton : words.button
  const note = claimRequired ? words.claim : undefined
  return { locale, title: words.title, text: words.question, email, note, form: { action, fields, button } }
}

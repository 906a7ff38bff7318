import type { Problem } from "@mortise/core"
import type { WordKey } from "../../../words/en.js"
import { type Locale, locales } from "../../../words/locale.js"
import { wordsIn } from "../../../words/words.js"
import { writtenPage } from "./document.js"
import { html } from "./html.js"

/** Title and explanation by HTTP status. In words for the visitor; causes are for the log. */
const words: Readonly<Record<number, readonly [title: WordKey, lead: WordKey]>> = {
  403: ["failedTitle", "foreignLead"],
  404: ["notFoundTitle", "notFoundLead"],
  503: ["unavailableTitle", "unavailableLead"],
}

const otherwise = ["failedTitle", "unavailableLead"] as const

/** A page for what went wrong, in every language: what went wrong may be that we cannot know which. */
export function problemPage({ status }: Pick<Problem, "status">): string {
  const first = locales[0]
  return writtenPage(
    first,
    wordsIn(first).failedTitle,
    html`${locales.map((locale) => part(locale, status))}`,
  )
}

/** The same where the language is known. */
export function problemPageIn(locale: Locale, status: number): string {
  const [title] = words[status] ?? otherwise
  return writtenPage(locale, wordsIn(locale)[title], part(locale, status))
}

function part(locale: Locale, status: number) {
  const [title, lead] = words[status] ?? otherwise
  const said = wordsIn(locale)
  return html`<section class="card entry" lang="${locale}">
<h1>${said[title]}</h1>
<p>${said[lead]}</p>
<p><a class="button plain" href="/${locale}/login">${said.toSignIn}</a></p>
</section>`
}

import type { LinkPageView } from "@mortise/core/magic-link"
import type { Locale } from "../../../words/locale.js"
import { writtenPage } from "./document.js"
import { type Html, html } from "./html.js"

/** What stands behind a link from a mail: a question, or why the link does not work and the way to another one. */
export function linkPage(view: LinkPageView<Locale>): string {
  const { kind, locale, words } = view
  return kind === "confirm"
    ? writtenPage(locale, words.title, question(view))
    : writtenPage(locale, words.refusedTitle, sorry(view))
}

function question({ action, claimRequired, email, fields, words }: LinkPageView & { kind: "confirm" }): Html {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return html`<section class="card entry">
<h1>${words.title}</h1>
<p>${words.question}</p>
<p class="address">${email}</p>
${claimRequired && html`<p>${words.claim}</p>`}
<form method="post" action="${action}">${hidden}<button>${claimRequired ? words.claimButton : words.button}</button></form>
</section>`
}

function sorry({ reason, signIn, words }: LinkPageView & { kind: "refused" }): Html {
  return html`<section class="card entry">
<h1>${words.refusedTitle}</h1>
<p class="banner error" role="alert">${words.refused[reason]}</p>
<p><a class="button" href="${signIn}">${words.again}</a></p>
</section>`
}

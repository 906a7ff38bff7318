import type { AccountPageView } from "@mortise/core/email"
import { html } from "../html.js"
import { layout } from "./layout.js"

/** What a link in a mail leads to: a question with one button, so that nothing is done by whoever only looks at the link. */
export function linkPage({ email, form, link, note, text, title }: AccountPageView): string {
  const body = html`<section class="card entry">
<h1>${title}</h1>
<p>${text}</p>
${email !== undefined && html`<p><strong>${email}</strong></p>`}
${note !== undefined && html`<p class="muted">${note}</p>`}
${
  form &&
  html`<form method="post" action="${form.action}">
${Object.entries(form.fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>${form.button}</button>
</form>`
}
${link && html`<p class="actions"><a class="button" href="${link.href}">${link.text}</a></p>`}
</section>`
  return layout({ title, body })
}

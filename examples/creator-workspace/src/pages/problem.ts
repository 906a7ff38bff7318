import type { Creator } from "../auth.js"
import { html } from "../html.js"
import { layout } from "./layout.js"

/** A page for what went wrong, in words for the visitor; causes are for the log. */
export function problemPage(title: string, detail: string, creator?: Creator): string {
  const body = html`<section class="problem">
<h1>${title}</h1>
<p class="lead">${detail}</p>
<p class="actions"><a class="button plain" href="/">Back to the front page</a></p>
</section>`
  return layout({ title, body, creator })
}

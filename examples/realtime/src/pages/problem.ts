import type { Guest } from "../auth.js"
import { html } from "../html.js"
import { layout } from "./layout.js"

/** Title and explanation by HTTP status. In words for the visitor; causes are for the log. */
const words: Readonly<Record<number, readonly [title: string, detail: string]>> = {
  401: ["Sign in first", "That takes a session that is open, and fresh enough."],
  403: ["Not for you", "That is for somebody else, or the request came from another site. Nothing was done."],
  404: ["Not found", "There is no page at this address. Perhaps there was one once."],
  500: ["Something went wrong", "That was us, not you. Please try again."],
  503: ["Back in a moment", "One of our databases does not answer. Please try again in a moment."],
}

const otherwise = ["That did not work", "Please go back and try again."] as const

/** A page for what went wrong. */
export function problemPage(status: number, guest?: Guest): string {
  const [title, detail] = words[status] ?? otherwise
  const body = html`<section class="problem">
<h1>${title}</h1>
<p class="lead">${detail}</p>
<p class="actions"><a class="button plain" href="/">Back to the front page</a></p>
</section>`
  return layout({ title, body, guest })
}

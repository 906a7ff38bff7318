import { type Html, html } from "../html.js"
import type { Letter } from "../mailbox/mailbox.js"
import { exactTime } from "./instant.js"
import { layout } from "./layout.js"

/** The demo's mailbox: what would be in the inboxes, and on the telephones, of its users. */
export function mailsPage(letters: readonly Letter[]): string {
  const body = html`<div class="narrow">
<h1>Mails and messages</h1>
<p class="muted">This page is part of the demo. A mail server on this machine takes everything that Parlour sends. <a href="/mails">Look again</a></p>
${letters.length === 0 && html`<p>Nothing yet.</p>`}
<div class="sections">
${letters.map(letterItem)}
</div>
</div>`
  return layout({ title: "Mails and messages", body })
}

function letterItem({ at, kind, links, subject, text, to }: Letter): Html {
  return html`<article class="card letter">
<h2>${subject || "Text message"} <span class="tag">${kind === "mail" ? "mail" : "text message"}</span></h2>
<p class="hint">To ${to}, ${exactTime(at)}</p>
<pre>${text}</pre>
${links.length > 0 && html`<p class="actions">${links.map((link) => html`<a class="button" href="${link}">Follow the link</a>`)}</p>`}
</article>`
}

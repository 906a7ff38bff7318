import type { Wire } from "../areas/wire.js"
import { type Html, html } from "../html.js"
import { layout } from "./layout.js"

/** What a browser has sent to one path. */
export function wirePage({ path, cookies, authorization }: Wire): string {
  const body = html`<div class="narrow">
<h1>On the wire</h1>
<p class="lead">This is what your browser has sent with <code>GET ${path}</code>.</p>
<section class="card">
<dl class="facts">
<div><dt>Cookies, by name</dt><dd id="cookies">${cookieNames(cookies)}</dd></div>
<div><dt>Authorization header</dt><dd>${authorization ? "yes" : "none"}</dd></div>
</dl>
</section>
<p class="actions"><a class="button plain" href="/cookies">Back to all paths</a></p>
</div>`
  return layout({ title: "On the wire", body })
}

/** Names as they came; a word where none did. */
export function cookieNames(names: readonly string[]): Html {
  return names.length === 0
    ? html`<span class="muted">none</span>`
    : html`${names.map((name) => html`<code>${name}</code> `)}`
}

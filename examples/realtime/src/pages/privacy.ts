import type { ConsentState } from "@mortise/core/account"
import type { Guest } from "../auth.js"
import { consents } from "../auth.js"
import { type Html, html } from "../html.js"
import { exactTime } from "./instant.js"
import { banners, layout, type PageState } from "./layout.js"

/** What the page is drawn from. */
export interface PrivacyState extends PageState {
  readonly consents: readonly ConsentState[]
  readonly stale: boolean
}

/** What somebody agreed to, what we have of them, and the end of it. */
export function privacyPage(guest: Guest, state: PrivacyState): string {
  const body = html`<div class="narrow">
<h1>Privacy</h1>
${banners(state)}
${state.stale && html`<p><a class="button" href="/confirm?return_to=%2Fprivacy">Show that it is you</a></p>`}
<div class="sections">
<section class="card" id="consents">
<h2>What you agree to</h2>
<p class="muted">Nothing of this is needed to use Parlour.</p>
<ul class="ways">${state.consents.map(consentItem)}</ul>
</section>
<section class="card" id="export">
<h2>Take it with you</h2>
<p class="muted">Everything that we keep of you, for a program to read: your account, your devices, your messages, what you agreed to, and all that was done
with your account. No password and no key is in it.</p>
<p><a class="button" href="/api/auth/account/export" download="parlour.json">Download my data</a></p>
</section>
<section class="card" id="erase">
<h2>End your account</h2>
<p class="muted">It is gone at once, with everything that you said. <strong>This cannot be undone.</strong></p>
<details><summary>I want to end my account</summary>
<form method="post" action="/api/auth/account/erase"><button class="danger">End my account for good</button></form></details>
</section>
</div>
</div>`
  return layout({ title: "Privacy", body, guest, path: "/privacy" })
}

function consentItem({ given, last, purpose, version }: ConsentState): Html {
  const asked = Object.hasOwn(consents, purpose) ? consents[purpose as keyof typeof consents].text : purpose
  const form = given
    ? html`<form method="post" action="/api/auth/consents/withdraw"><input type="hidden" name="purpose" value="${purpose}"><button class="plain" aria-label="Take back: ${purpose}">Take it back</button></form>`
    : version !== null &&
      html`<form method="post" action="/api/auth/consents"><input type="hidden" name="purpose" value="${purpose}"><input type="hidden" name="version" value="${version}"><button class="plain" aria-label="Agree: ${purpose}">I agree</button></form>`
  return html`<li><span class="way">${asked}<br><span class="hint">${last ? `${last.given ? "Agreed" : "Taken back"} ${exactTime(last.at)}` : "Not agreed"}</span></span>${form}</li>`
}

import type { Creator } from "../auth.js"
import { type Html, html } from "../html.js"
import { exactTime } from "./instant.js"
import { banner, layout } from "./layout.js"
import { type Offer, providerButtons } from "./provider-buttons.js"
import { providerMark } from "./provider-mark.js"
import { signInAgain } from "./sign-in.js"

/** A provider's identity that signs the creator in. */
export interface LinkedIdentity {
  readonly id: string
  readonly provider: string
  readonly email: string
  readonly linkedAt: number
}

/** What the account page is drawn from. */
export interface AccountState {
  readonly identities: readonly LinkedIdentity[]
  readonly hasPassword: boolean
  readonly offer: Offer
  readonly error: string | undefined
  readonly notice: string | undefined
  /** What was wanted takes a fresh sign-in. */
  readonly stale: boolean
}

/** Who is signed in, and the ways in: providers to connect and disconnect, and the change of password. */
export function accountPage(creator: Creator, state: AccountState): string {
  const { email } = creator.claims
  const body = html`<div class="narrow">
<h1>Account</h1>
<p class="muted">Signed in as <strong>${email}</strong></p>
${banner("notice", state.notice)}
${banner("error", state.error)}
${state.stale && html`<p>${signInAgain("/account")}</p>`}
<div class="sections">
${waysIn(state)}
${state.hasPassword && passwordSection(email)}
</div>
</div>`
  return layout({ title: "Account", body, creator, path: "/account" })
}

function waysIn({ identities, hasPassword, offer }: AccountState): Html | undefined {
  const linked = new Set(identities.map(({ provider }) => provider))
  const providers = offer.providers.filter(({ name }) => !linked.has(name))
  if (identities.length === 0 && providers.length === 0) return undefined
  return html`<section class="card">
<h2>Ways to sign in</h2>
<p class="muted">Each of them opens this account. The last one cannot be removed.</p>
<ul class="ways">
${hasPassword && html`<li>${keyMark} <span class="way"><b>Password</b></span></li>`}
${identities.map((identity) => way(identity, offer))}
</ul>
${providerButtons({ ...offer, providers }, { verb: "Connect", route: "/link" })}
</section>`
}

const keyMark = html`<svg class="provider-mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path fill="currentColor" d="M13 1a6 6 0 0 0-5.7 7.9L1 15.2V19h4v-2.5h2.5V14h2l1.6-1.3A6 6 0 1 0 13 1zm1.5 6A1.5 1.5 0 1 1 16 5.5 1.5 1.5 0 0 1 14.5 7z"/></svg>`

function way({ id, provider, email, linkedAt }: LinkedIdentity, { providers }: Offer): Html {
  const label = providers.find(({ name }) => name === provider)?.label ?? provider
  return html`<li>
${providerMark(provider)}
<span class="way"><b>${label}</b> ${email}<br><span class="hint">Since ${exactTime(linkedAt)}</span></span>
<form method="post" action="/auth/oauth/unlink">
<input type="hidden" name="identity" value="${id}">
<button class="plain" aria-label="Disconnect ${label} ${email}">Disconnect</button>
</form>
</li>`
}

function passwordSection(email: string): Html {
  return html`<section class="card">
<h2>Change your password</h2>
<p class="muted">Every other device is signed out when you do.</p>
<form method="post" action="/auth/password/change">
<input name="username" value="${email}" autocomplete="username" hidden readonly>
<label>Current password
<input name="current_password" type="password" autocomplete="current-password" required></label>
<label>New password
<input name="new_password" type="password" autocomplete="new-password" required minlength="15" aria-describedby="password-hint"></label>
<p class="hint" id="password-hint">At least 15 characters. Four or five random words are easy to keep and hard to guess.</p>
<button>Change the password</button>
</form>
</section>`
}

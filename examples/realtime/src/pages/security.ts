import type { FactorView } from "@mortise/core/mfa"
import type { PasskeyView } from "@mortise/core/passkey"
import type { Guest } from "../auth.js"
import { type Html, html } from "../html.js"
import { factorNames } from "./factors.js"
import { exactTime } from "./instant.js"
import { banners, layout, type PageState } from "./layout.js"
import { type AppSetup, appSetup } from "./second-factor.js"
import { newPassword } from "./sign-in.js"

/** What the page is drawn from. */
export interface SecurityState extends PageState {
  readonly factors: readonly FactorView[]
  readonly recoveryCodes: number
  readonly passkeys: readonly PasskeyView[]
  /** Whether text messages can be sent at all. */
  readonly canText: boolean
  /** What was wanted takes a proof that it is still them. */
  readonly stale: boolean
}

/** How somebody gets in, and everything that changes it. */
export function securityPage(guest: Guest, state: SecurityState): string {
  const body = html`<div class="narrow">
<h1>Security</h1>
<p class="muted">Signed in as <strong>${guest.claims.email}</strong></p>
${banners(state)}
${state.stale && html`<p><a class="button" href="/confirm?return_to=%2Fsecurity">Show that it is you</a></p>`}
<div class="sections">
${passkeysCard(state)}
${factorsCard(state)}
${recoveryCard(state)}
${passwordCard(guest)}
${emailCard(guest)}
${closeCard}
</div>
</div>`
  return layout({ title: "Security", body, guest, path: "/security", script: "passkeys.js" })
}

function passkeysCard({ passkeys }: SecurityState): Html {
  return html`<section class="card" id="passkeys">
<h2>Passkeys</h2>
<p class="muted">Your phone, your computer or a security key signs you in, with a finger, a face or a PIN. Nobody can trick you out of one.</p>
${passkeys.length > 0 && html`<ul class="ways">${passkeys.map(passkeyItem)}</ul>`}
<form class="passkey" method="post" action="/api/auth/passkey/register" data-passkey="register">
<input type="hidden" name="response">
<label>Name
<input name="name" value="My passkey" maxlength="64"></label>
<button type="button">Add a passkey</button>
<p class="outcome" role="alert"></p>
<noscript><p class="hint">Passkeys take JavaScript.</p></noscript>
</form>
</section>`
}

function passkeyItem({ createdAt, id, lastUsedAt, name, use }: PasskeyView): Html {
  return html`<li>
<span class="way"><b>${name}</b>${use === "second_factor" && html` <span class="tag">second factor only</span>`}<br><span class="hint">Since ${exactTime(createdAt)}${lastUsedAt !== null && `, last used ${exactTime(lastUsedAt)}`}</span></span>
<details class="rename"><summary>Rename</summary>
<form method="post" action="/api/auth/passkeys/rename">
<input type="hidden" name="passkey" value="${id}">
<label>New name
<input name="name" value="${name}" required maxlength="64"></label>
<button class="plain">Save</button>
</form></details>
<form method="post" action="/api/auth/passkeys/remove">
<input type="hidden" name="passkey" value="${id}">
<button class="plain" aria-label="Remove ${name}">Remove</button>
</form>
</li>`
}

function factorsCard({ canText, factors }: SecurityState): Html {
  const has = (kind: string): boolean => factors.some(({ factor }) => factor === kind)
  return html`<section class="card" id="factors">
<h2>Second factors</h2>
<p class="muted">After your password we ask for one of these. A passkey is one too. With any of them turned on, a code by mail will do as well, once your address is confirmed.</p>
${factors.length > 0 && html`<ul class="ways">${factors.map(factorItem)}</ul>`}
<div class="actions">
${!has("totp") && html`<a class="button" href="/security/totp">Set up an authenticator app</a>`}
${canText && !has("phone") && html`<a class="button plain" href="/security/phone">Use text messages</a>`}
</div>
</section>`
}

function factorItem({ factor, label, since }: FactorView): Html {
  return html`<li>
<span class="way"><b>${factorNames[factor]}</b>${label !== undefined && ` ${label}`}<br><span class="hint">Since ${exactTime(since)}</span></span>
<form method="post" action="/api/auth/mfa/remove">
<input type="hidden" name="factor" value="${factor}">
<button class="plain" aria-label="Remove ${factorNames[factor]}">Remove</button>
</form>
</li>`
}

function recoveryCard({ factors, passkeys, recoveryCodes }: SecurityState): Html | undefined {
  if (factors.length === 0 && passkeys.length === 0) return undefined
  return html`<section class="card" id="recovery">
<h2>Recovery codes</h2>
<p class="muted">For the day on which your phone is at the bottom of a lake. Each is good once. You have <strong>${recoveryCodes}</strong> left.</p>
<form method="post" action="/api/auth/mfa/recovery-codes" data-recovery>
<button class="plain">${recoveryCodes === 0 ? "Make recovery codes" : "Replace them by new ones"}</button>
<p class="outcome" role="alert"></p>
</form>
</section>`
}

function passwordCard({ claims }: Guest): Html {
  return html`<section class="card" id="password">
<h2>Password</h2>
<p class="muted">Every other device is signed out when you change it.</p>
<form method="post" action="/api/auth/password/change">
<input name="username" value="${claims.email}" autocomplete="username" hidden readonly>
<label>Current password
<input name="current_password" type="password" autocomplete="current-password" required></label>
${newPassword("new_password", "New password")}
<button>Change the password</button>
</form>
</section>`
}

function emailCard({ claims }: Guest): Html {
  return html`<section class="card" id="email">
<h2>Email address</h2>
<p>${claims.email} <span class="tag${!claims.verified && html` bad`}">${claims.verified ? "confirmed" : "not confirmed"}</span></p>
${
  !claims.verified &&
  html`<form method="post" action="/api/auth/email/verify/request"><button class="plain">Mail me the link again</button></form>`
}
<form method="post" action="/api/auth/email/change">
<label>New address
<input name="email" type="email" autocomplete="email" required maxlength="254"></label>
<p class="hint">We mail a link to the new address; the old one is told, and can take the change back for a week.</p>
<button>Change the address</button>
</form>
</section>`
}

const closeCard = html`<section class="card" id="close">
<h2>Close your account for a while</h2>
<p class="muted">Nobody can sign in to it until you follow the link that we mail you. To end it for good, see <a href="/privacy">Privacy</a>.</p>
<form method="post" action="/api/auth/account/deactivate"><button class="danger">Close my account</button></form>
</section>`

/** An authenticator app, first step and second. */
export function appPage(guest: Guest, setup: AppSetup, state: PageState): string {
  const body = html`<section class="card entry">
<h1>Authenticator app</h1>
${banners(state)}
${appSetup(setup, "/security/totp")}
<p class="muted"><a href="/security">Not now</a></p>
</section>`
  return layout({ title: "Authenticator app", body, guest })
}

/** A telephone number, and then the code that came to it. `pending`: the end of the number that a code went to. */
export function phonePage(guest: Guest, pending: string | undefined, state: PageState): string {
  const body = html`<section class="card entry">
<h1>Text messages</h1>
<p class="muted">Convenient, and weaker than an app or a passkey: numbers can be taken over.</p>
${banners(state)}
${
  pending !== undefined &&
  html`<form method="post" action="/api/auth/mfa/enrol/confirm">
<input type="hidden" name="factor" value="phone">
<input type="hidden" name="return_to" value="/security/phone">
<label>Code that we sent to ${pending}
<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="12" autofocus></label>
<button>Turn it on</button>
</form>
<p class="or">or another number</p>`
}
<form method="post" action="/api/auth/mfa/enrol">
<input type="hidden" name="factor" value="phone">
<input type="hidden" name="return_to" value="/security/phone">
<label>Telephone number
<input name="number" type="tel" autocomplete="tel" placeholder="+49 151 1234567" required maxlength="40"></label>
<button class="${pending === undefined ? "" : "plain"}">Send me a code</button>
</form>
<p class="muted"><a href="/security">Not now</a></p>
</section>`
  return layout({ title: "Text messages", body, guest })
}

/** Before something that a session left open must not do. */
export function confirmPage(
  guest: Guest,
  hasFactor: boolean,
  needsFactor: boolean,
  returnTo: string,
  state: PageState,
): string {
  const way = hasFactor
    ? html`<form method="post" action="/api/auth/mfa/step-up">
<input type="hidden" name="return_to" value="${returnTo}">
<button>Use your second factor</button>
</form>`
    : needsFactor
      ? html`<p>What you want takes a second factor, and you have none yet.</p>
<p class="actions"><a class="button" href="/security">Set one up</a></p>`
      : html`<form method="post" action="/api/auth/password/confirm">
<input type="hidden" name="return_to" value="${returnTo}">
<input name="username" value="${guest.claims.email}" autocomplete="username" hidden readonly>
<label>Password
<input name="password" type="password" autocomplete="current-password" required autofocus></label>
<button>It is me</button>
</form>`
  const body = html`<section class="card entry">
<h1>Show that it is you</h1>
<p class="muted">You are signed in as <strong>${guest.claims.email}</strong>, but what comes next must not be done by whoever finds your computer open.</p>
${banners(state)}
${way}
</section>`
  return layout({ title: "Show that it is you", body, guest })
}

import type { ChallengeView } from "@mortise/core/mfa"
import { type Child, type Html, html } from "../html.js"
import { type FactorKind, factorNames } from "./factors.js"
import { banners, layout, type PageState, returnField } from "./layout.js"
import { qrCode } from "./qr-code.js"

/** What the page was opened with. */
export interface ChallengeState extends PageState {
  readonly returnTo: string | undefined
}

/** What has to be in an authenticator app. */
export interface AppSetup {
  readonly uri: string
  readonly secret: string
}

/** Asks for the second factor: whichever of theirs the visitor likes. */
export function secondFactorPage(view: ChallengeView, { returnTo, ...state }: ChallengeState): string {
  const stepUp = view.purpose === "step_up"
  const [first, ...others] = view.factors
  const body = html`<section class="card entry">
<h1>${stepUp ? "Is it still you?" : "One more step"}</h1>
<p class="muted">${stepUp ? "What you are about to do takes your second factor once more." : "Your password was right. Now show something that only you have."}</p>
${banners(state)}
${first && factorForm(first, view, returnTo, true)}
${
  others.length > 0 &&
  html`<div class="others"><p class="or">or</p>
${others.map((factor) => html`<details><summary>${factorNames[factor]}</summary>${factorForm(factor, view, returnTo, false)}</details>`)}</div>`
}
</section>`
  return layout({ title: "Second factor", body, script: "passkeys.js" })
}

function factorForm(
  factor: FactorKind,
  { canRemember }: ChallengeView,
  returnTo: string | undefined,
  isFirst: boolean,
): Html {
  const common = [html`<input type="hidden" name="factor" value="${factor}">`, returnField(returnTo)]
  const remember: Child =
    canRemember &&
    html`<label class="check"><input type="checkbox" name="remember" value="yes"> Do not ask again in this browser for 30 days</label>`
  if (factor === "passkey") {
    return html`<form class="passkey" method="post" action="/api/auth/mfa/verify" data-passkey="second-factor">
${common}
<input type="hidden" name="response">
${remember}
<button type="button">Use your passkey or security key</button>
<p class="outcome" role="alert"></p>
<noscript><p class="hint">A passkey takes JavaScript. Choose another factor, or turn it on.</p></noscript>
</form>`
  }
  const sent = factor === "email" || factor === "phone"
  return html`${sent && html`<form method="post" action="/api/auth/mfa/begin">${common}<button class="plain">${factor === "email" ? "Mail me a code" : "Send me a text message"}</button></form>`}
<form method="post" action="/api/auth/mfa/verify" data-factor="${factor}">
${common}
<label>${codeLabels[factor]}
<input name="code" autocomplete="one-time-code" ${factor === "recovery_code" ? html`autocapitalize="characters" spellcheck="false"` : html`inputmode="numeric"`} required maxlength="40"${isFirst && html` autofocus`}></label>
${remember}
<button>Go on</button>
</form>`
}

const codeLabels: Readonly<Record<Exclude<FactorKind, "passkey">, string>> = {
  totp: "Code in your authenticator app",
  phone: "Code in the text message",
  email: "Code in the mail",
  recovery_code: "One of your recovery codes",
}

/** Whoever must have a second factor and has none sets up an authenticator app before they are in. */
export function enrolFirstPage(setup: AppSetup, state: ChallengeState): string {
  const body = html`<section class="card entry">
<h1>Set up your second factor</h1>
<p class="muted">Your account can see what everybody does here, so a password alone does not open it.</p>
${banners(state)}
${appSetup(setup, state.returnTo)}
</section>`
  return layout({ title: "Set up your second factor", body })
}

/** The code to scan, and the form that proves that it was. */
export function appSetup({ secret, uri }: AppSetup, returnTo: string | undefined): Html {
  return html`<ol class="how">
<li>Open an authenticator app, such as the one on your phone, and scan this code.
${qrCode(uri, "QR code for your authenticator app")}
<details><summary>You cannot scan it?</summary><p>Type this key into the app: <code class="secret">${grouped(secret)}</code></p></details></li>
<li>Type the six digits that the app shows.
<form method="post" action="/api/auth/mfa/enrol/confirm">
<input type="hidden" name="factor" value="totp">
${returnField(returnTo)}
<label>Six digits
<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="10" autofocus></label>
<button>Turn it on</button>
</form></li>
</ol>`
}

function grouped(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, "$& ")
}

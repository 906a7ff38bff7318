import type { Creator } from "../auth.js"
import { type Child, type Html, html } from "../html.js"
import { banner, layout } from "./layout.js"
import { type Offer, providerButtons, returnField } from "./provider-buttons.js"

/** Where an identity of a provider is connected to the account that has its address. */
export const linkPath = "/link-account"

/** What a sign-in or registration page was opened with. */
export interface EntryState {
  readonly offer: Offer
  readonly error: string | undefined
  readonly notice: string | undefined
  /** Where to go afterwards: the library follows it only if it leads to a page of this site. */
  readonly returnTo: string | undefined
}

/** Somebody who is signed in already, and comes for something that takes a fresh sign-in. */
export interface Returning {
  readonly creator: Creator
  /** The ways in that they have; any other would lead to another account. */
  readonly hasPassword: boolean
}

/** The forms post to the library, which sends the browser on, or back here with a reason: the retry is the same buttons. */
export function signInPage({ offer, error, notice, returnTo }: EntryState, returning?: Returning): string {
  const creator = returning?.creator
  const withPassword = returning?.hasPassword ?? true
  const body = html`<section class="card entry">
<h1>${creator ? "Sign in again" : "Welcome back"}</h1>
<p class="muted">${purpose(returnTo, creator)}</p>
${banner("notice", notice)}
${banner("error", error)}
${withPassword && passwordForm({ email: creator?.claims.email, returnTo })}
${withPassword ? otherWays(offer, returnTo) : providerButtons(offer, { returnTo })}
${!creator && html`<p class="muted">New here? <a href="${withReturn("/register", returnTo)}">Create an account</a></p>`}
</section>`
  return layout({ title: "Sign in", body, creator, path: "/sign-in" })
}

function purpose(returnTo: string | undefined, creator: Creator | undefined): Child {
  if (returnTo === linkPath) return "Sign in as you did before. Then you can connect the other way in."
  if (creator) {
    return html`You are signed in as <strong>${creator.claims.email}</strong>. To go on, show once more that it is you.`
  }
  return "Sign in to your workspace."
}

/** Asks for address and password. `email` fills in the one that is meant. */
export function passwordForm({
  email,
  returnTo,
}: {
  readonly email?: string | undefined
  readonly returnTo?: string | undefined
}): Html {
  const known = email !== undefined
  return html`<form method="post" action="/auth/login">
${returnField(returnTo)}
<label>Email address
<input name="email" type="email" value="${email ?? ""}" autocomplete="username" required maxlength="254"${!known && html` autofocus`}></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required${known && html` autofocus`}></label>
<button>Sign in</button>
</form>`
}

/** The providers' buttons below a form, if there are any. */
export function otherWays(offer: Offer, returnTo: string | undefined): Html | undefined {
  if (offer.providers.length === 0) return undefined
  return html`<p class="or">or</p>
${providerButtons(offer, { returnTo })}`
}

/** The way to a fresh sign-in, and back. */
export function signInAgain(returnTo: string): Html {
  return html`<a class="button" href="${withReturn("/sign-in", returnTo)}&again=1">Sign in again</a>`
}

/** Carries the return path through a link. */
export function withReturn(path: string, returnTo: string | undefined): string {
  return returnTo === undefined ? path : `${path}?${new URLSearchParams({ return_to: returnTo })}`
}

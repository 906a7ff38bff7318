import { html } from "../html.js"
import { banner, layout } from "./layout.js"
import { returnField } from "./provider-buttons.js"
import { type EntryState, otherWays, withReturn } from "./sign-in.js"

/** Leads to the sign-in page whether or not the address had an account, so nobody learns who has one. */
export function registerPage({ offer, error, returnTo }: EntryState): string {
  const body = html`<section class="card entry">
<h1>Create an account</h1>
<p class="muted">An address and a password, and your workspace is ready.</p>
${banner("error", error)}
<form method="post" action="/auth/register">
${returnField(returnTo)}
<label>Email address
<input name="email" type="email" autocomplete="username" required maxlength="254" autofocus></label>
<label>Password
<input name="password" type="password" autocomplete="new-password" required minlength="15" aria-describedby="password-hint"></label>
<p class="hint" id="password-hint">At least 15 characters. Four or five random words are easy to keep and hard to guess.</p>
<button>Create the account</button>
</form>
${otherWays(offer, returnTo)}
<p class="muted">You have one? <a href="${withReturn("/sign-in", returnTo)}">Sign in</a></p>
</section>`
  return layout({ title: "Create an account", body, path: "/register" })
}

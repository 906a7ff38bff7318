import { type Html, html } from "../html.js"
import { banner, layout } from "./layout.js"

/** What a sign-in or registration page was opened with. */
export interface EntryState {
  readonly error: string | undefined
  readonly notice: string | undefined
  /** Where to go afterwards: the library follows it only if it leads to a page of this site. */
  readonly returnTo: string | undefined
}

/** The form posts to the library, which sends the browser on, or back here with a reason. */
export function signInPage({ error, notice, returnTo }: EntryState): string {
  const body = html`<section class="card entry">
<h1>Welcome back</h1>
<p class="muted">Sign in to your workspace.</p>
${banner("notice", notice)}
${banner("error", error)}
<form method="post" action="/auth/login">
${returnField(returnTo)}
<label>Email address
<input name="email" type="email" autocomplete="username" required maxlength="254" autofocus></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<p class="muted">New here? <a href="${withReturn("/register", returnTo)}">Create an account</a></p>
</section>`
  return layout({ title: "Sign in", body, path: "/sign-in" })
}

/** Carries the return path through a form. */
export function returnField(returnTo: string | undefined): Html | undefined {
  return returnTo === undefined ? undefined : html`<input type="hidden" name="return_to" value="${returnTo}">`
}

/** Carries the return path through a link. */
export function withReturn(path: string, returnTo: string | undefined): string {
  return returnTo === undefined ? path : `${path}?${new URLSearchParams({ return_to: returnTo })}`
}

import type { Guest } from "../auth.js"
import { type Child, type Html, html } from "../html.js"
import { banners, layout, type PageState, returnField, withReturn } from "./layout.js"

/** What a sign-in or registration page was opened with. */
export interface EntryState extends PageState {
  /** Where to go afterwards: the library follows it only if it leads to a page of this site. */
  readonly returnTo: string | undefined
}

/** By password, or by passkey where the browser has scripts. `guest`: signed in, and asked to show it once more. */
export function signInPage({ returnTo, ...state }: EntryState, guest?: Guest): string {
  const known = guest !== undefined
  const body = html`<section class="card entry">
<h1>${known ? "Sign in again" : "Welcome back"}</h1>
<p class="muted">${known ? html`You are signed in as <strong>${guest.claims.email}</strong>. Show once more that it is you.` : "Come in with your passkey, or with your password."}</p>
${banners(state)}
${passkeyForm(returnTo)}
<form method="post" action="/api/auth/login">
${returnField(returnTo)}
<label>Email address
<input name="email" type="email" value="${guest?.claims.email ?? ""}" autocomplete="username webauthn" required maxlength="254"${!known && html` autofocus`}></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required${known && html` autofocus`}></label>
<button>Sign in</button>
</form>
<p class="muted"><a href="/forgot-password">Forgot your password?</a>${!known && html` New here? <a href="${withReturn("/register", returnTo)}">Create an account</a>`}</p>
</section>`
  return layout({ title: "Sign in", body, guest, path: "/sign-in", script: "passkeys.js" })
}

/** The script takes the hidden form, asks an authenticator, and sends it: what follows is the same as after any form. */
function passkeyForm(returnTo: string | undefined): Html {
  return html`<form class="passkey" method="post" action="/api/auth/passkey/sign-in" data-passkey="sign-in" hidden>
${returnField(returnTo)}
<input type="hidden" name="response">
<button class="plain" type="button">Sign in with a passkey</button>
<p class="outcome" role="alert"></p>
</form>`
}

/** Whoever registers is in the room at once. */
export function registerPage({ returnTo, ...state }: EntryState): string {
  const body = html`<section class="card entry">
<h1>Create an account</h1>
<p class="muted">An address and a password, and you are in. You can add a passkey later and leave the password at home.</p>
${banners(state)}
<form method="post" action="/api/auth/register">
${returnField(returnTo)}
<label>Email address
<input name="email" type="email" autocomplete="username" required maxlength="254" autofocus></label>
${newPassword("password", "Password")}
<button>Create the account</button>
</form>
<p class="muted">Been here before? <a href="${withReturn("/sign-in", returnTo)}">Sign in</a></p>
</section>`
  return layout({ title: "Create an account", body, path: "/register" })
}

/** A field for a password that is chosen now. */
export function newPassword(name: string, label: string): Html {
  return html`<label>${label}
<input name="${name}" type="password" autocomplete="new-password" required minlength="15" aria-describedby="${name}-hint"></label>
<p class="hint" id="${name}-hint">At least 15 characters. Four or five random words are easy to keep and hard to guess.</p>`
}

/** Asks for the address that the link goes to. */
export function forgotPage(state: PageState): string {
  const body = html`<section class="card entry">
<h1>Choose a new password</h1>
<p class="muted">Tell us your address. If there is an account with it, we mail you a link that is good for half an hour.</p>
${banners(state)}
<form method="post" action="/api/auth/password/forgot">
<label>Email address
<input name="email" type="email" autocomplete="username" required maxlength="254" autofocus></label>
<button>Mail me a link</button>
</form>
<p class="muted"><a href="/sign-in">Back to signing in</a></p>
</section>`
  return layout({ title: "Choose a new password", body })
}

/** Behind the link. The token is in a cookie, not in the address. `email`: undefined for a link that is of no use. */
export function resetPage(state: PageState, email: string | undefined): string {
  const form: Child =
    email === undefined
      ? html`<p class="actions"><a class="button" href="/forgot-password">Ask for a new link</a></p>`
      : html`<form method="post" action="/api/auth/password/reset">
<input name="username" value="${email}" autocomplete="username" hidden readonly>
${newPassword("password", "New password")}
<button>Set the new password</button>
</form>`
  const body = html`<section class="card entry">
<h1>Choose a new password</h1>
<p class="muted">${email === undefined ? "This link cannot be used, or not any more." : html`For <strong>${email}</strong>. Every device is signed out when you do.`}</p>
${banners(state)}
${form}
</section>`
  return layout({ title: "Choose a new password", body })
}

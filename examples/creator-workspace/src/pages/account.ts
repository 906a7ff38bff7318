import type { Creator } from "../auth.js"
import { html } from "../html.js"
import { banner, layout } from "./layout.js"

/** Who is signed in, and the change of password. */
export function accountPage(
  creator: Creator,
  state: { error?: string | undefined; notice?: string | undefined },
): string {
  const { email } = creator.claims
  const body = html`<div class="narrow">
<h1>Account</h1>
<p class="muted">Signed in as <strong>${email}</strong></p>
<section class="card">
<h2>Change your password</h2>
<p class="muted">Every other device is signed out when you do.</p>
${banner("notice", state.notice)}
${banner("error", state.error)}
<form method="post" action="/auth/password/change">
<input name="username" value="${email}" autocomplete="username" hidden readonly>
<label>Current password
<input name="current_password" type="password" autocomplete="current-password" required></label>
<label>New password
<input name="new_password" type="password" autocomplete="new-password" required minlength="15" aria-describedby="password-hint"></label>
<p class="hint" id="password-hint">At least 15 characters. Four or five random words are easy to keep and hard to guess.</p>
<button>Change the password</button>
</form>
</section>
</div>`
  return layout({ title: "Account", body, creator, path: "/account" })
}

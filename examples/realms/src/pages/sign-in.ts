import type { SignedIn } from "../auth.js"
import { demoPassword, demoPeople } from "../demo-data.js"
import { type Html, html } from "../html.js"
import { type AreaName, areas } from "./areas.js"
import { banner, layout } from "./layout.js"
import type { PageState } from "./send-page.js"

/** What a sign-in page was opened with. */
export interface SignInState extends PageState {
  /** Who is signed in to this area already. */
  readonly person: SignedIn | undefined
  /** Where to go afterwards: the library follows it only if it leads to a page of this site. */
  readonly returnTo: string | undefined
}

/** The form posts to the library, which sends the browser on, or back here with a reason. */
export function signInPage(area: AreaName, { error, notice, person, returnTo }: SignInState): string {
  const { field, path, purpose, title } = areas[area]
  const body = html`<div class="entry">
<section class="card">
<h1>${title}</h1>
<p class="muted">${purpose}</p>
${banner("notice", notice)}
${banner("error", error)}
${person && html`<p class="banner notice">You are signed in here as <strong>${person.claims.email}</strong>. <a href="${areas[area].home}">Go on</a>, or sign in as somebody else.</p>`}
<form method="post" action="${path}/auth/login">
${returnTo !== undefined && html`<input type="hidden" name="return_to" value="${returnTo}">`}
${field === "username" ? usernameField : emailField}
<label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
</section>
${accounts(area)}
</div>`
  return layout({ title: `Sign in: ${title}`, body, area, person })
}

const usernameField = html`<label>Username or email address
<input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="254" autofocus></label>`

const emailField = html`<label>Email address
<input name="email" type="email" autocomplete="username" required maxlength="254" autofocus></label>`

/** Who can sign in, for this is a demo. */
function accounts(area: AreaName): Html {
  const role = area === "storefront" ? "customer" : area
  const own = demoPeople.filter((person) => person.role === role)
  return html`<aside class="accounts">
<h2>Accounts of this demo</h2>
<dl>
${own.map(({ access, email }) => {
  const typed = area === "storefront" || email === "store@other.com" ? email : (email.split("@")[0] ?? "")
  return html`<div><dt><code>${typed}</code></dt><dd>${typed === email ? "" : html`or <code>${email}</code>`} ${access.map((code) => html`<span class="tag">${code}</span>`)}</dd></div>`
})}
<div><dt>Password</dt><dd><code>${demoPassword}</code></dd></div>
</dl>
<p class="hint">${hints[area]}</p>
</aside>`
}

const hints: Readonly<Record<AreaName, string>> = {
  admin: "Try a store's or a customer's account, too: the password is right, and the door stays shut.",
  store:
    "Two accounts have the username “store”. It means the older one; the address is exact. Try “admin”, too.",
  storefront: "You stay signed in to the other two areas, whoever you are there.",
}

import type { SignedIn } from "../auth.js"
import { type Html, html } from "../html.js"
import { type Person, roles } from "../people/person.js"
import type { Store } from "../shop/store-directory.js"
import { priceText } from "./amounts.js"
import { figures } from "./figures.js"
import { banner, layout } from "./layout.js"
import { type OrdersView, orderList } from "./order-list.js"
import type { PageState } from "./send-page.js"

/** What the administration looks at. */
export interface AdminView {
  readonly people: readonly Person[]
  readonly stores: readonly Store[]
  /** Codes by person. */
  readonly access: ReadonlyMap<string, ReadonlySet<string>>
}

/** The whole market at a glance. */
export function adminDashboard(
  person: SignedIn,
  { people, stores, orders, totals }: Pick<AdminView, "people" | "stores"> & OrdersView,
): string {
  const active = people.filter(({ disabledAt }) => disabledAt === null).length
  const body = html`<h1>Administration</h1>
<p class="lead">Signed in as ${person.claims.email}.</p>
${figures(["Stores", stores.length], ["Active accounts", active], ["Orders", totals.count], ["Turnover", priceText(totals.amount)])}
<section class="card">
<h2>Latest orders</h2>
${orderList(orders.slice(0, 10), { whose: "customer" })}
</section>`
  return layout({ title: "Administration", body, area: "admin", person, path: "/admin/dashboard" })
}

/** Everybody with an account, and the buttons that change what they may. */
export function peoplePage(person: SignedIn, view: AdminView, { error, notice }: PageState): string {
  const body = html`<h1>People</h1>
<p class="lead">What you change here counts from the next request on, for whoever is signed in.</p>
${banner("notice", notice)}
${banner("error", error)}
<ul class="people">
${view.people.map((each) => card(each, view, each.id === person.userId))}
</ul>`
  return layout({ title: "People", body, area: "admin", person, path: "/admin/users" })
}

function card(person: Person, { stores, access }: AdminView, isSelf: boolean): Html {
  const base = `/admin/users/${person.id}`
  const active = person.disabledAt === null
  return html`<li class="card person" data-email="${person.email}">
<div class="who">
<h2>${person.name} ${isSelf && html`<span class="tag">You</span>`}${!active && html`<span class="tag off">Deactivated</span>`}</h2>
<p class="muted">${person.email} · username <code>${person.username}</code></p>
</div>
<form method="post" action="${base}/role">
<label>Role
<select name="role"${isSelf && html` disabled`}>
${roles.map((role) => html`<option${role === person.role && html` selected`}>${role}</option>`)}
</select></label>
<button class="plain"${isSelf && html` disabled`}>Change the role</button>
</form>
<div class="switches" role="group" aria-label="Stores of ${person.name}">
${stores.map(({ code }) => accessButton(base, code, access.get(person.id)?.has(code) ?? false))}
</div>
<form method="post" action="${base}/active">
<button class="${active ? "danger" : "plain"}" name="active" value="${active ? "no" : "yes"}"${isSelf && html` disabled`}>${active ? "Deactivate" : "Activate"}</button>
</form>
</li>`
}

function accessButton(base: string, code: string, granted: boolean): Html {
  return html`<form method="post" action="${base}/access">
<input type="hidden" name="store" value="${code}">
<button class="switch" name="access" value="${granted ? "withdraw" : "grant"}" aria-label="${granted ? "Withdraw" : "Grant"} access to ${code}"><span class="${granted ? "on" : "none"}">${code}</span> ${granted ? "withdraw" : "grant"}</button>
</form>`
}

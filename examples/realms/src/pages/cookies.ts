import type { RealmArea } from "@mortise/core/realms"
import type { Wire } from "../areas/wire.js"
import { demoPassword } from "../demo-data.js"
import { type Html, html } from "../html.js"
import { bearers, isAsExpected, type Trial, type TrialResult } from "../trials/trial.js"
import { trials } from "../trials/trials.js"
import { type AreaName, areas } from "./areas.js"
import { layout } from "./layout.js"
import { cookieNames } from "./wire.js"

/** What the page is drawn from. */
export interface CookiesState {
  /** What came with the request for this page itself. */
  readonly wire: Wire
  readonly table: readonly RealmArea[]
  /** What the server has tried just now. */
  readonly results: ReadonlyMap<string, TrialResult>
}

/** Which cookie the browser holds for which path, what each answer was, and everything that must be refused, to be tried. */
export function cookiesPage({ wire, table, results }: CookiesState): string {
  const body = html`<h1>Which cookie goes where</h1>
<p class="lead">Three sessions live side by side in this browser, each in a cookie of its own that is sent below its own path only. A script cannot read them, this page neither: so each path tells what it was sent.</p>

<section aria-labelledby="wire">
<h2 id="wire">What your browser sends</h2>
<p class="needs-script hint">With JavaScript this table fills itself. Without, follow the links: each path answers with the names of the cookies that came.</p>
<div class="scroll"><table class="wires stack">
<thead><tr><th scope="col">Path</th><th scope="col">Cookie that belongs there</th><th scope="col">Sent on the wire</th><th scope="col">A guarded address says</th></tr></thead>
<tbody>
<tr><th scope="row"><code>${wire.path}</code> <span class="muted">this page</span></th><td class="muted" data-label="Belongs there">none</td><td data-label="Sent">${cookieNames(wire.cookies)}</td><td class="muted">public</td></tr>
${probes.map(probeRow)}
</tbody>
</table></div>
<p class="actions">${signInLinks}</p>
</section>

<section aria-labelledby="trials">
<h2 id="trials">What must be refused</h2>
<p>Each row is a real request. Your browser sends those with a header, with a token that it gets for the purpose and that signs you in nowhere. A cookie under another name is something that a browser does not let a page send: there the server plays the client.</p>
<form method="post" action="/cookies#trials" data-trials data-password="${demoPassword}">
<p class="actions"><button name="trial" value="all">Try them all</button> <span role="status" data-summary>${summary(results)}</span></p>
<div class="scroll"><table class="trials stack">
<thead><tr><th scope="col">Who</th><th scope="col">By</th><th scope="col">Where</th><th scope="col">Must answer</th><th scope="col">Has answered</th><td></td></tr></thead>
<tbody>
${trials.map((trial) => trialRow(trial, results.get(trial.id)))}
</tbody>
</table></div>
</form>
</section>

<section aria-labelledby="table">
<h2 id="table">What is allowed where</h2>
<p>The site’s own table, as <code>realms({ admin, store, storefront }).table</code> answers it. Everything else is public.</p>
<div class="scroll"><table class="stack">
<thead><tr><th scope="col">Realm</th><th scope="col">Below</th><th scope="col">Looked at, in this order</th><th scope="col">Rule</th><th scope="col">Open</th></tr></thead>
<tbody>
${table.map(siteRow)}
</tbody>
</table></div>
</section>`
  return layout({ title: "Which cookie goes where", body, path: "/cookies", script: "cookies.js" })
}

/** How many of those that were tried came as they must. */
function summary(results: ReadonlyMap<string, TrialResult>): string {
  if (results.size === 0) return ""
  const right = trials.filter((trial) => {
    const result = results.get(trial.id)
    return result && isAsExpected(trial, result)
  })
  return `${right.length} of ${results.size} as it must be.`
}

/** A path to look at, and an address below it that is guarded. */
interface Probe {
  readonly wire: string
  readonly below: string
  readonly cookie: string | undefined
  readonly guarded: string | undefined
}

const probes: readonly Probe[] = [
  { below: "/", wire: "/wire", cookie: undefined, guarded: undefined },
  { below: "/admin", wire: "/admin/wire", cookie: "admin_token", guarded: "/admin/dashboard" },
  { below: "/store", wire: "/store/wire", cookie: "store_token", guarded: "/store/ACME/dashboard" },
  {
    below: "/storefront",
    wire: "/storefront/wire",
    cookie: "customer_token",
    guarded: "/storefront/account/orders",
  },
  { below: "/api/v1/admin", wire: "/api/v1/admin/wire", cookie: undefined, guarded: "/api/v1/admin/users" },
  {
    below: "/api/v1/store",
    wire: "/api/v1/store/wire",
    cookie: undefined,
    guarded: "/api/v1/store/ACME/products",
  },
  {
    below: "/api/v1/storefront",
    wire: "/api/v1/storefront/wire",
    cookie: undefined,
    guarded: "/api/v1/storefront/orders",
  },
]

function probeRow({ below, wire, cookie, guarded }: Probe): Html {
  return html`<tr data-wire="${wire}"${guarded !== undefined && html` data-guarded="${guarded}"`}>
<th scope="row"><code>${below}</code></th>
<td data-label="Belongs there">${cookie === undefined ? html`<span class="muted">none</span>` : html`<code>${cookie}</code>`}</td>
<td data-label="Sent"><span data-sent><a href="${wire}">Look</a></span></td>
<td>${guarded === undefined ? html`<span class="muted">public</span>` : html`<code>${guarded}</code> <span data-answer><a href="${guarded}">Open</a></span>`}</td>
</tr>`
}

const signInLinks = (Object.keys(areas) as AreaName[]).map(
  (name) => html`<a href="${areas[name].signIn}">Sign in: ${areas[name].title}</a> `,
)

function trialRow(trial: Trial, result: TrialResult | undefined): Html {
  const { by, id, message, method, path, status, who } = trial
  const bearer = by.kind === "login" ? undefined : bearers[by.token]
  const forScript = by.kind === "cookie" ? { id } : { id, method, path, status, message, by, bearer }
  return html`<tr id="${id}" data-trial="${JSON.stringify(forScript)}" data-status="${status}" data-message="${message ?? ""}">
<th scope="row">${who}</th>
<td data-label="By">${byText(trial)}</td>
<td data-label="Where"><code>${method} ${path}</code></td>
<td data-label="Must answer">${status}${message !== undefined && html` <q>${message}</q>`}</td>
<td data-label="Has answered"><span data-result>${result ? resultText(trial, result) : html`<span class="muted">not tried</span>`}</span></td>
<td><button class="plain" name="trial" value="${id}" aria-label="Try: ${who}, ${by.kind}">Try</button></td>
</tr>`
}

function byText({ by }: Trial): Html {
  if (by.kind === "login") return html`username, password`
  if (by.kind === "header") return html`header`
  return html`cookie <code>${by.name}</code>`
}

function resultText(trial: Trial, result: TrialResult): Html {
  const right = isAsExpected(trial, result)
  return html`<span class="result ${right ? "right" : "wrong"}">${result.status}${result.message !== "" && html` <q>${result.message}</q>`}</span>`
}

function siteRow({ realm, path, credentials, cookie, rule, open }: RealmArea): Html {
  return html`<tr><th scope="row">${realm}</th><td data-label="Below"><code>${path}</code></td><td data-label="Looked at">${credentials.map((each) => (each === "cookie" ? html`<code>${cookie ?? ""}</code> ` : html`Authorization: Bearer `))}</td><td data-label="Rule"><code>${rule ?? "signed in"}</code></td><td data-label="Open">${open.map((each) => html`<code>${each}</code> `)}</td></tr>`
}

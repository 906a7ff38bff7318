import type { Creator } from "../auth.js"
import { type Html, html } from "../html.js"
import { banner, layout } from "./layout.js"
import type { Offer } from "./provider-buttons.js"
import { linkPath, otherWays, passwordForm, signInAgain } from "./sign-in.js"

/** An identity of a provider whose email address belongs to an account. */
export interface Waiting {
  readonly provider: string
  readonly label: string
  readonly email: string
  /** Nobody ever verified the account's address, so its owner may take the account over. */
  readonly claimable: boolean
}

/** What the page was opened with. */
export interface LinkState {
  /** Undefined when nothing waits in this browser, or no longer. */
  readonly waiting: Waiting | undefined
  readonly offer: Offer
  readonly error: string | undefined
  /** Connecting takes a fresh sign-in. */
  readonly stale: boolean
}

/**
 * Between "Continue with Google" and the account that has the same address already: its owner shows that it is theirs, by the way in that they had
 * before, and then connects the two. Whoever came by the provider learns nothing of the account until then.
 */
export function linkAccountPage(state: LinkState, creator: Creator | undefined): string {
  const body = html`<section class="card entry">${content(state, creator)}</section>`
  return layout({ title: "Connect your account", body, creator, path: linkPath })
}

function content({ waiting, offer, error, stale }: LinkState, creator: Creator | undefined): Html {
  if (!waiting) return nothingWaits(error, creator)
  if (creator?.claims.email === waiting.email) return connect(waiting, error, stale)
  return prove(waiting, offer, error, creator)
}

function nothingWaits(error: string | undefined, creator: Creator | undefined): Html {
  return html`<h1>Nothing to connect</h1>
${banner("error", error)}
<p class="muted">What you began has ended: it is done, or took longer than ten minutes.</p>
<p class="actions"><a class="button" href="${creator ? "/account" : "/sign-in"}">${creator ? "Your account" : "Sign in"}</a></p>`
}

function connect({ email, label }: Waiting, error: string | undefined, stale: boolean): Html {
  return html`<h1>Connect ${label}?</h1>
${banner("error", error)}
<p class="muted">You are signed in as <strong>${email}</strong>, and ${label} knows you by the same address.</p>
<p>Once they are connected, ${label} signs you in here too. You can disconnect it on your account page at any time.</p>
<div class="actions">
${stale ? signInAgain(linkPath) : html`<form method="post" action="/auth/oauth/confirm"><button>Connect ${label}</button></form>`}
${cancelForm}
</div>`
}

function prove(
  { claimable, email, label, provider }: Waiting,
  offer: Offer,
  error: string | undefined,
  creator: Creator | undefined,
): Html {
  const others = { ...offer, providers: offer.providers.filter(({ name }) => name !== provider) }
  return html`<h1>Is this yours?</h1>
${banner("error", error)}
<p>There is an account with the address <strong>${email}</strong> already. Sign in to it the way you did before, and you can connect it with ${label}.</p>
${creator && html`<p class="muted">You are signed in as ${creator.claims.email}, which is another account.</p>`}
${passwordForm({ email, returnTo: linkPath })}
${otherWays(others, linkPath)}
${claimable && claim(email, label)}
<div class="aside">${cancelForm}</div>`
}

function claim(email: string, label: string): Html {
  return html`<details class="claim">
<summary>You never made this account, or cannot sign in to it?</summary>
<p>Nobody ever confirmed that ${email} belongs to whoever made it. ${label} says that it belongs to you, so you may take the account over.</p>
<p><strong>This cannot be undone.</strong> Its password and everything else that signs in to it is removed, and every device is signed out.
What is in its workspace stays, and may be somebody else’s.</p>
<form method="post" action="/auth/oauth/claim"><button class="danger">Take over the account</button></form>
</details>`
}

const cancelForm = html`<form method="post" action="/auth/oauth/cancel"><button class="plain">Not now</button></form>`

import { type Html, html } from "../html.js"
import { providerMark } from "./provider-mark.js"

/** The providers that visitors may come through. */
export interface Offer {
  /** Those of this server, in the order of the buttons. */
  readonly providers: readonly { readonly name: string; readonly label: string }[]
  /** Whether the demo's stand-in plays them. */
  readonly standIn: boolean
}

/**
 * A button for each provider. They are forms and no links, so that no other site, and no mail, can send somebody off to sign in. Where the buttons lead
 * to the stand-in, it is said.
 */
export function providerButtons(
  { providers, standIn }: Offer,
  { verb = "Continue with", route = "", returnTo }: ButtonOptions = {},
): Html | undefined {
  if (providers.length === 0) return undefined
  return html`<div class="providers">
${providers.map(
  ({ label, name }) => html`<form method="post" action="/auth/oauth/${name}${route}">
${returnField(returnTo)}
<button class="plain provider">${providerMark(name)} ${verb} ${label}</button>
</form>`,
)}
${standIn && html`<p class="hint">${standInHint(providers)}</p>`}
</div>`
}

/** How the buttons are put. */
export interface ButtonOptions {
  readonly verb?: string
  /** After the provider's name in the address: `/link` adds it to the account that is signed in. */
  readonly route?: string
  readonly returnTo?: string | undefined
}

const listed = new Intl.ListFormat("en", { type: "disjunction" })

function standInHint(providers: Offer["providers"]): string {
  const these = providers.length === 1 ? "This button leads" : "These buttons lead"
  const labels = listed.format(providers.map(({ label }) => label))
  return `${these} to a stand-in on this machine, not to ${labels}. Any address will do there.`
}

/** Carries the return path through a form. */
export function returnField(returnTo: string | undefined): Html | undefined {
  return returnTo === undefined ? undefined : html`<input type="hidden" name="return_to" value="${returnTo}">`
}

import { expect } from "vitest"
import type { User } from "../../src/index.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { account, waysInto } from "./accounts.js"
import type { ProviderUser } from "./hostile-provider/authorization.js"
import type { HostileProvider } from "./hostile-provider/hostile-provider.js"
import {
  depart,
  type OAuthAppOptions,
  type OAuthHost,
  oauthApp,
  signInThrough,
  type Trip,
  whoIs,
} from "./oauth-app.js"

/** Who they are at the provider. */
export const owner: ProviderUser = { sub: "1", email: ada.email, email_verified: true }
export const squatter: ProviderUser = { sub: "666", email: "squatter@example.com", email_verified: true }
export const accomplice: ProviderUser = { sub: "667", email: "accomplice@example.com", email_verified: true }
/** A password that the squatter may want. */
export const next = "a quite different phrase"

/** As `waysInto` spells it. */
export function identityOf(remote: HostileProvider, { sub }: { readonly sub: string }): string {
  return `identity ${remote.issuer}|${sub}`
}

export function tokenOf(browser: TestClient): string {
  return browser.cookies.get("__Host-session") ?? ""
}

export function bindingOf(browser: TestClient): string {
  return browser.cookies.get("__Host-oauth") ?? ""
}

/** An account that somebody registered with an address that is not theirs (account pre-hijacking), at the moment at which its owner has come. */
export interface Squatted extends OAuthHost {
  readonly user: User
  /** The squatter is in by password, and by an identity of their own; on the way in by the same; on the way to link one more. */
  readonly byPassword: TestClient
  readonly byIdentity: TestClient
  readonly onTheWayIn: { readonly browser: TestClient; readonly trip: Trip }
  readonly linking: Trip
  /** Has come through the provider, and may claim. */
  readonly owner: TestClient
}

export async function squattedAccount(
  remote: HostileProvider,
  options: OAuthAppOptions = {},
): Promise<Squatted> {
  const host = oauthApp(remote, options)
  const user = await account(host)
  const [byPassword, byIdentity, third] = [host.browser(), host.browser(), host.browser()]
  await byPassword.post("/auth/login", { json: ada })
  remote.user = squatter
  expect(await signInThrough(byPassword, remote, { link: true })).toBe("/account?notice=identity_linked")
  await signInThrough(byIdentity, remote)
  expect([await whoIs(byPassword), await whoIs(byIdentity)]).toEqual([user.id, user.id])
  const trip = await depart(third, remote)
  remote.user = accomplice
  const linking = await depart(byPassword, remote, { link: true })
  remote.user = owner
  const browser = host.browser()
  expect(await signInThrough(browser, remote, { returnTo: "/mine" })).toBe(
    "/link-account?provider=remote&return_to=%2Fmine",
  )
  return {
    ...host,
    user,
    byPassword,
    byIdentity,
    onTheWayIn: { browser: third, trip },
    linking,
    owner: browser,
  }
}

/** What must hold whatever happened in between, once the owner is in. */
export async function expectSquatterOut(remote: HostileProvider, host: Squatted): Promise<void> {
  expect(await waysInto(host, host.user.id)).toEqual([identityOf(remote, owner)])
  for (const browser of [host.byPassword, host.byIdentity, host.onTheWayIn.browser])
    expect(await whoIs(browser)).not.toBe(host.user.id)
  for (const password of [ada.password, next])
    expect((await host.auth.flows.password.signIn({ ...ada, password })).ok).toBe(false)
}

/** What the squatter may be doing in the very moment. Each answers the tokens of sessions that it opened. */
export const doings: Readonly<
  Record<string, (host: Squatted, at: OAuthHost["auth"]) => Promise<readonly string[]>>
> = {
  "signs in by password": async (_, { flows }) => {
    const outcome = await flows.password.signIn(ada)
    return outcome.ok ? [outcome.session.token] : []
  },
  "signs in by the linked identity": async ({ onTheWayIn: { browser, trip } }, { flows }) => {
    const { parameters } = trip
    const arrival = await flows.oauth.callback({
      provider: "remote",
      parameters,
      binding: bindingOf(browser),
    })
    return arrival.ok && arrival.purpose === "sign_in" ? [arrival.session.token] : []
  },
  "links one more identity": async ({ byPassword, linking: { parameters } }, { flows }) => {
    const context = { token: tokenOf(byPassword) }
    await flows.oauth.callback({ provider: "remote", parameters, binding: bindingOf(byPassword) }, context)
    return []
  },
  "changes the password": async ({ byPassword }, { flows }) => {
    const context = { token: tokenOf(byPassword) }
    const outcome = await flows.password.change({ current: ada.password, next }, context)
    return outcome.ok ? [outcome.session.token] : []
  },
}

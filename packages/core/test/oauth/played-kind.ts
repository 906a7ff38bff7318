import { expect } from "vitest"
import type { AuthEvent } from "../../src/index.js"
import { type AdjustableClock, adjustableClock } from "../../src/testing/adjustable-clock.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import {
  comeBack,
  depart,
  locationOf,
  type OAuthAppOptions,
  type OAuthHost,
  oauthApp,
  type Trip,
  whoIs,
} from "./oauth-app.js"
import type { ProviderKind } from "./provider-kinds.js"

/** A kind of provider with somebody who plays it, on one clock with the hosts that are made for it. */
export interface PlayedKind {
  readonly kind: ProviderKind
  readonly remote: HostileProvider
  /** Stands at a whole second, so that what a token says in seconds is exact. */
  readonly clock: AdjustableClock
  /** A host application with this provider as its only one, unless the options name more. */
  host(options?: OAuthAppOptions): OAuthHost
  /** As if freshly started, and honest. */
  reset(): void
  /** First half. As an honest provider of this kind answers, which may send no `iss`. */
  depart(
    browser: TestClient,
    options?: { readonly returnTo?: string; readonly link?: boolean },
  ): Promise<Trip>
  /** Second half, as the kind's browser does it: a form post comes from the provider's site, with the cookies that such a post brings. */
  comeBack(browser: TestClient, parameters: URLSearchParams): Promise<Response>
  /** Both, and where they lead. */
  signIn(browser: TestClient): Promise<string>
}

/** Starts the hostile provider as this kind. */
export async function play(kind: ProviderKind): Promise<PlayedKind> {
  const clock = adjustableClock(Math.ceil(Date.now() / 1000) * 1000)
  const remote = await startHostileProvider({ clock, ...kind.played })
  const played: PlayedKind = {
    kind,
    remote,
    clock,
    host: (options) => oauthApp(remote, { clock, providers: [kind.provider(remote)], ...options }),
    reset() {
      remote.reset()
      remote.user = { ...remote.user, ...kind.user }
    },
    async depart(browser, options = {}) {
      const trip = await depart(browser, remote, options)
      if (kind.iss === "unsent") trip.parameters.delete("iss")
      return trip
    },
    comeBack: (browser, parameters) =>
      kind.responseMode === "query"
        ? comeBack(browser, parameters)
        : postBack(browser, parameters, remote.origin),
    async signIn(browser) {
      const { parameters } = await played.depart(browser)
      return locationOf(await played.comeBack(browser, parameters))
    },
  }
  played.reset()
  return played
}

/** The post of another site's form: of all cookies only those with `SameSite=None` come along, which the binding is and the session is not. */
export function postBack(browser: TestClient, parameters: URLSearchParams, from: string): Promise<Response> {
  const binding = browser.cookies.get("__Host-oauth")
  return browser.post("/auth/oauth/remote/callback", {
    raw: parameters.toString(),
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      origin: from,
      cookie: binding === undefined ? "" : `__Host-oauth=${binding}`,
    },
  })
}

/** The only event that says no, without what every event has. */
export function refusalIn({ events }: Pick<OAuthHost, "events">): Partial<AuthEvent> {
  const refused = events.filter(({ type }) => type.endsWith("refused"))
  expect(refused).toHaveLength(1)
  const { address: _, at: __, realm: ___, userAgent: ____, ...rest } = refused[0] as AuthEvent
  return rest
}

/** Nobody is signed in, nobody was made, no session was opened, and nothing broke. */
export async function expectNobody(host: OAuthHost, ...browsers: readonly TestClient[]): Promise<void> {
  for (const browser of browsers) expect(await whoIs(browser)).toBeUndefined()
  const types = host.events.map(({ type }) => type)
  expect(types).not.toContain("session.opened")
  expect(types).not.toContain("sign_in.succeeded")
  expect(types).not.toContain("user.registered")
  expect(await host.stores.users.list({ limit: 1 })).toEqual([])
  expect(host.faults).toEqual([])
}

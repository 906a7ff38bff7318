/** A claim meets whatever the squatter does, at every place where the two can meet. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { pendingIn } from "./accounts.js"

import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { interruptedStores } from "./interrupted-stores.js"
import { oauthApp } from "./oauth-app.js"
import { doings, expectSquatterOut, type Squatted, squattedAccount } from "./squatted-account.js"

let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
})
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

describe.each(Object.keys(doings))("while the squatter %s", (name) => {
  const doing = doings[name] ?? (() => Promise.resolve([]))

  async function expectOut(host: Squatted, tokens: unknown): Promise<void> {
    for (const token of tokens as string[])
      expect((await host.auth.sessions.read(token))?.userId).not.toBe(host.user.id)
    await expectSquatterOut(remote, host)
  }

  test("at any store call of the claim: the squatter is out", async () => {
    let met = 0
    for (let n = 1; ; n++) {
      const host = await squattedAccount(remote)
      const { clock } = host
      const meeting = interruptedStores(
        host.stores,
        ({ number }) => number === n,
        () => doing(host, host.auth),
      )
      const claiming = oauthApp(remote, { clock, stores: meeting.stores })
      const outcome = await claiming.auth.flows.oauth.claim(pendingIn(host.owner))
      if (!meeting.happened()) break
      met++
      expect([n, outcome.ok]).toEqual([n, true])
      await expectOut(host, await meeting.answer())
    }
    expect(met).toBeGreaterThan(9)
  }, 60_000)

  test("and the claim comes at any store call of that: the squatter is out", async () => {
    let met = 0
    for (let n = 1; ; n++) {
      const host = await squattedAccount(remote)
      const { clock } = host
      const claim = (): Promise<unknown> => host.auth.flows.oauth.claim(pendingIn(host.owner))
      const meeting = interruptedStores(host.stores, ({ number }) => number === n, claim)
      const doer = oauthApp(remote, { clock, stores: meeting.stores })
      const tokens = await doing(host, doer.auth)
      if (!meeting.happened()) break
      met++
      expect([n, await meeting.answer()]).toMatchObject([n, { ok: true }])
      await expectOut(host, tokens)
    }
    expect(met).toBeGreaterThan(4)
  }, 60_000)
})

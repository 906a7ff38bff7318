/** Every store call fails in turn, before it takes effect and after: nobody can do more than before, and half of a reset is less access. */
import { describe, expect, test } from "vitest"
import { failingStores, type StoreCall } from "../../src/testing/intercept.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { next, opens, type ResetHost, resetApp, settled } from "./reset-app.js"

type Send = (host: ResetHost, token: string) => Promise<Response>

const ways: Readonly<Record<string, Send>> = {
  forgot: ({ browser }) => browser().post("/auth/password/forgot", { json: { email: ada.email } }),
  "forgot, of nobody": ({ browser }) =>
    browser().post("/auth/password/forgot", { json: { email: "nobody@example.com" } }),
  open: ({ browser }, token) => browser().get(`/auth/password/reset?token=${token}`),
  check: ({ browser }, token) => {
    const one = browser()
    one.cookies.set("__Host-password-reset", token)
    return one.get("/auth/password/reset/check")
  },
  reset: ({ browser }, token) => browser().post("/auth/password/reset", { json: { token, password: next } }),
}

const accounts = {
  verified: {},
  "without a password": { password: false },
  "that nobody verified": { verified: false },
} as const

/** Which of these calls may fail without anybody noticing: a turn that is not given back ends by itself. */
function isTurnGivenBack({ method, slot }: StoreCall): boolean {
  return slot === "challenges" && method === "swap"
}

/** The password is the old one, the new one, or none; once it is not the old one, what that had opened is over. */
async function expectNoMore(
  [call, account, way]: readonly [StoreCall, string, string],
  host: ResetHost,
  thief: TestClient,
): Promise<void> {
  const had = account !== "without a password"
  const [old, fresh] = [await opens(host, ada.password), await opens(host, next)]
  const { user: who } = await (await thief.get("/auth/session")).json()
  expect([call, old && fresh]).toEqual([call, false])
  if (had && !old) expect([call, who]).toEqual([call, null])
  if (way !== "reset") expect([call, old, fresh]).toEqual([call, had, false])
  // Verified only once nothing from before is left.
  const user = await host.stores.users.findByEmail(ada.email)
  const claimed = account === "that nobody verified" && user?.emailVerifiedAt !== null
  if (claimed) expect([call, old, who]).toEqual([call, false, null])
}

const pairs = Object.keys(accounts).flatMap((account) =>
  Object.keys(ways).map((way) => [account, way] as const),
)

describe.each(pairs)("an account %s: %s", (account, way) => {
  test.each(["before", "after"] as const)("fails %s each call", async (moment) => {
    let failed = 0
    for (let n = 1; ; n++) {
      const host = resetApp()
      await host.account(accounts[account as keyof typeof accounts])
      const thief = host.browser()
      await thief.post("/auth/login", { json: ada })
      const token = await host.tokenFor()
      await settled()
      const mailed = host.mail.accountMails.length
      const { calls, watched } = failingStores(host.stores, ({ number }) => number === n, { moment })
      const { clock, mail } = host
      const broken = resetApp({ clock, mail, stores: watched })
      const answer = await ways[way]?.(broken, token)
      const call = calls[n - 1]
      if (!call) break
      if (isTurnGivenBack(call)) continue
      failed++
      expect([call, answer?.status]).toEqual([call, 503])
      expect(answer?.headers.getSetCookie()).toEqual([])
      expect(await answer?.text()).not.toMatch(/Injected|store/i)
      await settled()
      expect([call, host.mail.accountMails.length]).toEqual([call, mailed])
      await expectNoMore([call, account, way], host, thief)
    }
    expect(failed).toBeGreaterThan(0)
  })

  test("after any of them the owner can go on by another link", async () => {
    if (way !== "reset") return expect(Object.keys(ways)).toContain(way)
    for (const moment of ["before", "after"] as const) {
      for (let n = 1; ; n++) {
        const host = resetApp()
        await host.account(accounts[account as keyof typeof accounts])
        const token = await host.tokenFor()
        const { calls, watched } = failingStores(host.stores, ({ number }) => number === n, { moment })
        const { clock, mail } = host
        await ways["reset"]?.(resetApp({ clock, mail, stores: watched }), token)
        if (!calls[n - 1]) break
        // A turn that was never given back is over by now.
        host.clock.advance(60_000)
        const again = await host.auth.flows.password.reset({ token: await host.tokenFor(), password: next })
        expect([n, again]).toEqual([n, { ok: true }])
        expect([n, await opens(host, next)]).toEqual([n, true])
      }
    }
  })
})

test.each(["forgot", "peekReset", "reset"] as const)("%s rejects while no store answers", async (step) => {
  const host = resetApp()
  await host.account()
  const token = await host.tokenFor()
  const { watched } = failingStores(host.stores, () => true)
  const { password } = resetApp({ clock: host.clock, stores: watched }).auth.flows
  const calls = {
    forgot: () => password.forgot({ email: ada.email }),
    peekReset: () => password.peekReset({ token }),
    reset: () => password.reset({ token, password: next }),
  }
  await expect(calls[step]()).rejects.toMatchObject({ code: "ERR_STORE" })
})

test("a hasher that fails costs nothing, not even the link", async () => {
  const host = resetApp()
  await host.account()
  const token = await host.tokenFor()
  const { hasher } = resetApp()
  const boom = new Error("boom")
  const { clock, mail, stores } = host
  const overrun = { ...hasher, hash: () => Promise.reject(boom) }
  const broken = resetApp({ clock, mail, stores, password: { hasher: overrun } })
  await expect(broken.auth.flows.password.reset({ token, password: next })).rejects.toBe(boom)
  expect(await opens(host, ada.password)).toBe(true)
  expect((await host.auth.flows.password.reset({ token, password: next })).ok).toBe(true)
})

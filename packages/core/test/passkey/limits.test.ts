import { expect, test } from "vitest"
import { race } from "../../src/testing/race.js"
import { passkeyApp, passkeyAppWithAda } from "./passkey-app.js"

const minutes = 60_000
const options = { limit: 5, window: "10m" } as const

test.each([
  ["options", "/auth/passkey/sign-in/options", "passkey.options"],
  ["options", "/auth/passkey/register/options", "passkey.options"],
  ["attempts", "/auth/passkey/sign-in", "passkey.attempts"],
  ["attempts", "/auth/passkey/register", "passkey.attempts"],
] as const)(
  "%s at %s: so many of an address, also at once on two servers, the /64 of IPv6 being one",
  async (what, path, limit) => {
    const host = await passkeyAppWithAda({ passkeys: { limits: { [what]: options } } })
    const other = passkeyApp({
      stores: host.stores,
      clock: host.clock,
      passkeys: { limits: { [what]: options } },
    })
    let number = 0
    const ask =
      (server: typeof other, peer = `2001:db8::${++number}`) =>
      async (): Promise<number> =>
        (await server.browser(peer).post(path, { json: { response: {} } })).status
    const answers = await race(16, [() => ask(host)(), () => ask(other)()])
    expect(answers.filter((status) => status !== 429)).toHaveLength(5)
    expect([...host.events, ...other.events].filter(({ type }) => type === "limit.hit")).toHaveLength(11)
    expect([...host.events, ...other.events].find(({ type }) => type === "limit.hit")).toMatchObject({
      limit,
    })
    const refused = await host.browser("2001:db8::ffff").post(path, { json: { response: {} } })
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "600"])
    // Another address has tries of its own, and time gives new ones.
    expect(await ask(host, "192.0.2.7")()).not.toBe(429)
    host.clock.advance(10 * minutes)
    expect(await ask(host)()).not.toBe(429)
  },
)

test("what is refused for its number is no event of a sign-in", async () => {
  const host = passkeyApp({ passkeys: { limits: { attempts: options } } })
  for (let n = 0; n < 20; n++) await host.browser().post("/auth/passkey/sign-in", { json: { response: {} } })
  expect(host.events.filter(({ type }) => type === "sign_in.refused")).toHaveLength(5)
})

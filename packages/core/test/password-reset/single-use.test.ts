import { describe, expect, test } from "vitest"
import type { Stores } from "../../src/stores/ports.js"
import { race } from "../../src/testing/race.js"
import { ada } from "../app.js"
import { opens, type ResetHost, resetApp, settled } from "./reset-app.js"

const phrases = Array.from({ length: 16 }, (_, n) => `a quite different phrase, number ${n}`)

/** Two instances over one store. */
function twins(): readonly [ResetHost, ResetHost] {
  const host = resetApp()
  const { clock, mail, stores } = host
  return [host, resetApp({ clock, mail, stores })]
}

function eventsOf(hosts: readonly ResetHost[], type: string): number {
  return hosts.flatMap(({ events }) => events).filter((event) => event.type === type).length
}

describe.each([
  ["a verified account", { verified: true }],
  ["an account without a password", { password: false }],
  ["an account that nobody verified", { verified: false }],
])("%s", (_, facts) => {
  test("sixteen uses of one link at once: one password, one event, one mail, fifteen refusals", async () => {
    const [host, twin] = twins()
    await host.account(facts)
    const token = await host.tokenFor()
    const use = (one: ResetHost) => (n: number) =>
      one.auth.flows.password.reset({ token, password: phrases[n] ?? "" })
    const outcomes = await race(16, [use(host), use(twin)])
    const winners = outcomes.flatMap(({ ok }, n) => (ok ? [n] : []))
    expect(winners).toHaveLength(1)
    // Who looks between the winner's two writes finds the link used, or the account changed: it is over in any case.
    const reasons = new Set(outcomes.flatMap((one) => (one.ok ? [] : [one.reason])))
    expect([...reasons].filter((reason) => !/^link_(?:used|expired)$/.test(reason))).toEqual([])
    for (const [n, phrase] of phrases.entries()) {
      if (n === winners[0] || n % 8 === 0)
        expect([n, await opens(host, phrase)]).toEqual([n, n === winners[0]])
    }
    expect(eventsOf([host, twin], "password.reset")).toBe(1)
    await settled()
    expect(host.mail.accountMails.filter(({ kind }) => kind === "notice")).toHaveLength(1)
  })

  test("sixteen links to one account at once: one password, and all others are over", async () => {
    const [host, twin] = twins()
    await host.account(facts)
    const lenient = { limits: { address: { limit: 99, window: "1d" } } } as const
    const asking = resetApp({ clock: host.clock, mail: host.mail, stores: host.stores, reset: lenient })
    const tokens: string[] = []
    for (let n = 0; n < 16; n++) tokens.push(await asking.tokenFor())
    const use = (one: ResetHost) => (n: number) =>
      one.auth.flows.password.reset({ token: tokens[n], password: phrases[n] ?? "" })
    const outcomes = await race(16, [use(host), use(twin)])
    const [winner, ...more] = outcomes.flatMap(({ ok }, n) => (ok ? [n] : []))
    expect(more).toEqual([])
    expect(await opens(host, phrases[winner ?? 0] ?? "")).toBe(true)
    const reasons = new Set(outcomes.flatMap((one) => (one.ok ? [] : [one.reason])))
    expect([...reasons].filter((reason) => !/^(?:link_expired|conflict)$/.test(reason))).toEqual([])
    expect(eventsOf([host, twin], "password.reset")).toBe(1)
  })
})

test.each([
  ["a verified account", { verified: true }],
  ["an account that nobody verified", { verified: false }],
])(
  "%s: a change of password that comes while a link is used, after it has ended the sessions, waits and is over",
  async (_, facts) => {
    const host = resetApp()
    const user = await host.account(facts)
    const token = await host.tokenFor()
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    const held = browser.cookies.get("__Host-session")
    const [begun, resumed] = [signal(), signal()]
    const credentials: Stores["credentials"] = {
      ...host.stores.credentials,
      async insert(credential) {
        begun.give()
        await resumed.given
        return host.stores.credentials.insert(credential)
      },
      async replace(credential, revision) {
        begun.give()
        await resumed.given
        return host.stores.credentials.replace(credential, revision)
      },
    }
    const { clock, mail, stores } = host
    const slow = resetApp({ clock, mail, stores: { ...stores, credentials } })
    // Who asks is asked before the link ends the session; the hash takes its time.
    const [asked, hashing] = [signal(), signal()]
    const hash = host.hasher.hash.bind(host.hasher)
    host.hasher.hash = async (password) => {
      asked.give()
      await hashing.given
      return hash(password)
    }
    const [changed, reset] = ["the phrase of the owner, changed", "the phrase of the mailbox, reset"] as const
    const change = host.auth.flows.password.change({ current: ada.password, next: changed }, { token: held })
    await asked.given
    const use = slow.auth.flows.password.reset({ token, password: reset })
    await begun.given
    expect(await host.auth.sessions.list(user.id)).toEqual([])
    hashing.give()
    await settled()
    resumed.give()
    expect(await use).toEqual({ ok: true })
    expect(await change).toEqual({ ok: false, reason: "not_signed_in" })
    expect([await opens(host, reset), await opens(host, changed)]).toEqual([true, false])
  },
)

function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

test("a link and a change of password at once: one of them wins, whole", async () => {
  for (let round = 0; round < 8; round++) {
    const [host, twin] = twins()
    await host.account()
    const token = await host.tokenFor()
    const browser = host.browser()
    await browser.post("/auth/login", { json: ada })
    const held = browser.cookies.get("__Host-session")
    const [changed, reset] = ["the phrase of the owner, changed", "the phrase of the mailbox, reset"] as const
    const outcomes = await race(16, [
      (n) =>
        host.auth.flows.password.change({ current: ada.password, next: `${changed} ${n}` }, { token: held }),
      async (n) => twin.auth.flows.password.reset({ token, password: `${reset} ${n}` }),
    ])
    const winners = outcomes.flatMap(({ ok }, n) => (ok ? [n] : []))
    const last = winners.filter((n) => n % 2 === 1)
    expect(last.length).toBeLessThanOrEqual(1)
    const right: number[] = []
    host.clock.advance(7_200_000)
    for (const n of winners) if (await opens(host, `${n % 2 ? reset : changed} ${n}`)) right.push(n)
    // Whatever happened, one of those who were told yes has the last word.
    expect(right).toHaveLength(1)
  }
})

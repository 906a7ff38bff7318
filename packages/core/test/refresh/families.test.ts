import { describe, expect, test } from "vitest"
import type { memoryStores } from "../../src/memory.js"
import { race } from "../../src/testing/race.js"
import {
  day,
  hour,
  outcomeOf,
  refreshWith,
  signIn,
  type TokenAppOptions,
  tokenApp,
  tokensOf,
  whoIs,
  withAda,
} from "./token-app.js"

const strict: TokenAppOptions = { refresh: { grace: 0 } }

function tally(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

describe("the direct predecessor", () => {
  test.each([
    ["native", {}, 30_000],
    ["browser (Origin)", { origin: "https://app.example.com" }, 10_000],
    ["browser (Sec-Fetch-Site)", { "sec-fetch-site": "same-origin" }, 10_000],
  ] as const)(
    "%s: the same successor inside the window, to the millisecond; then the end",
    async (_, headers, window) => {
      const host = await withAda()
      const { body } = await signIn(host, headers)
      const successor = (await refreshWith(host, body.refresh_token)).body.refresh_token
      host.clock.advance(window - 1)
      const again = await refreshWith(host, body.refresh_token)
      expect(again.body.refresh_token).toBe(successor)
      expect(await whoIs(host, again.body.access_token)).toBe(host.user.id)
      host.clock.advance(1)
      expect(outcomeOf(await refreshWith(host, body.refresh_token))).toBe("refresh_token_reused")
      expect(await whoIs(host, again.body.access_token)).toBeNull()
      expect(outcomeOf(await refreshWith(host, successor))).toBe("refresh_token_reused")
    },
  )

  test("asking again does not lengthen the window", async () => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    await refreshWith(host, refresh_token)
    for (let n = 0; n < 3; n++) {
      host.clock.advance(9_999)
      expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("ok")
    }
    host.clock.advance(3)
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("refresh_token_reused")
  })

  test("strict: used twice is the end", async () => {
    const host = await withAda(strict)
    const { refresh_token } = await tokensOf(host)
    const next = await refreshWith(host, refresh_token)
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("refresh_token_reused")
    expect(await whoIs(host, next.body.access_token)).toBeNull()
  })

  test("the grandparent ends the family, inside the window too", async () => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    const second = await refreshWith(host, refresh_token)
    const third = await refreshWith(host, second.body.refresh_token)
    host.events.length = 0
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("refresh_token_reused")
    expect(host.events.map(({ type }) => type)).toEqual(["session.ended", "refresh_token.reused"])
    expect(host.events[0]).toMatchObject({ cause: "refresh_token_reused", userId: host.user.id })
    for (const { body } of [second, third]) {
      expect(await whoIs(host, body.access_token)).toBeNull()
      expect(outcomeOf(await refreshWith(host, body.refresh_token))).toBe("refresh_token_reused")
    }
    expect(await host.auth.sessions.list(host.user.id)).toEqual([])
    expect(host.events.filter(({ type }) => type === "refresh_token.reused")).toHaveLength(1)
  })

  test("one family ends alone: the user's other sessions go on", async () => {
    const host = await withAda(strict)
    const [phone, tablet] = [await tokensOf(host), await tokensOf(host)]
    await refreshWith(host, phone.refresh_token)
    await refreshWith(host, phone.refresh_token)
    expect(await whoIs(host, tablet.access_token)).toBe(host.user.id)
    expect(outcomeOf(await refreshWith(host, tablet.refresh_token))).toBe("ok")
  })

  test("the end survives a restart", async () => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    const second = await refreshWith(host, refresh_token)
    host.clock.advance(hour)
    await refreshWith(host, refresh_token)
    const restarted = tokenApp({ clock: host.clock, stores: host.stores })
    expect(outcomeOf(await refreshWith(restarted, second.body.refresh_token))).toBe("refresh_token_reused")
    expect(await whoIs(restarted, second.body.access_token)).toBeNull()
  })

  test("a store that was put back to an older copy ends the family, and nobody goes on from there", async () => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    const { challenges } = host.stores
    const copied: [string, string][] = []
    const watched = tokenApp({
      clock: host.clock,
      stores: {
        ...host.stores,
        challenges: {
          ...bound(challenges),
          swap: (...input) => {
            copied.push([input[0], input[1]])
            return challenges.swap(...input)
          },
        },
      },
    })
    const second = await refreshWith(watched, refresh_token)
    const third = await refreshWith(watched, second.body.refresh_token)
    const [key = "", old = ""] = copied[0] ?? []
    await challenges.set(key, old, host.clock() + 30 * day)
    expect(outcomeOf(await refreshWith(host, third.body.refresh_token))).toBe("refresh_token_reused")
    expect(host.events.at(-1)).toMatchObject({ type: "refresh_token.refused", cause: "generation_ahead" })
    expect(await whoIs(host, third.body.access_token)).toBeNull()
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("refresh_token_reused")
  })
})

test.each(["null", "[]", "{}", '{"sessionId":"x"}', '"x"', "7"])(
  "a row that is none, %s: refused",
  async (value) => {
    const host = await withAda()
    const { refresh_token } = await tokensOf(host)
    const { challenges } = host.stores
    const odd = tokenApp({
      clock: host.clock,
      stores: { ...host.stores, challenges: { ...bound(challenges), get: async () => value } },
    })
    expect(outcomeOf(await refreshWith(odd, refresh_token))).toBe("refresh_token_invalid")
    expect(outcomeOf(await refreshWith(host, refresh_token))).toBe("ok")
  },
)

/** A store's methods, for a copy with one of them changed. */
function bound(store: ReturnType<typeof memoryStores>["challenges"]): typeof store {
  return {
    get: (key) => store.get(key),
    set: (...input) => store.set(...input),
    delete: (key) => store.delete(key),
    add: (...input) => store.add(...input),
    swap: (...input) => store.swap(...input),
    take: (key) => store.take(key),
    increment: (...input) => store.increment(...input),
  }
}

describe("many at once, over two instances", () => {
  test.each([16, 32])("%i with one token: one successor, one event", async (count) => {
    const host = await withAda()
    const twin = tokenApp({ clock: host.clock, stores: host.stores })
    const { refresh_token } = await tokensOf(host)
    const heard = await race(count, [
      () => refreshWith(host, refresh_token),
      () => refreshWith(twin, refresh_token),
    ])
    expect(tally(heard.map(outcomeOf))).toEqual({ ok: count })
    const successors = new Set(heard.map(({ body }) => body.refresh_token))
    expect(successors.size).toBe(1)
    for (const { body } of heard) expect(await whoIs(twin, body.access_token)).toBe(host.user.id)
    const events = [...host.events, ...twin.events].filter(({ type }) => type === "session.renewed")
    expect(events).toHaveLength(1)
    const [successor = ""] = successors
    expect(outcomeOf(await refreshWith(host, successor))).toBe("ok")
  })

  test("strict, 16 with one token: one is let on at most, 15 are refused, and nobody is in afterwards", async () => {
    const host = await withAda(strict)
    const twin = tokenApp({ clock: host.clock, stores: host.stores, ...strict })
    const { refresh_token } = await tokensOf(host)
    const heard = await race(16, [
      () => refreshWith(host, refresh_token),
      () => refreshWith(twin, refresh_token),
    ])
    const outcomes = tally(heard.map(outcomeOf))
    expect(outcomes["ok"] ?? 0).toBeLessThanOrEqual(1)
    expect(
      (outcomes["ok"] ?? 0) +
        (outcomes["refresh_token_reused"] ?? 0) +
        (outcomes["refresh_token_invalid"] ?? 0),
    ).toBe(16)
    const types = [...host.events, ...twin.events].map(({ type }) => type)
    expect(types.filter((type) => type === "refresh_token.reused")).toHaveLength(1)
    expect(types.filter((type) => type === "session.renewed")).toHaveLength(1)
    for (const { body } of heard) {
      if (!body.refresh_token) continue
      expect(await whoIs(host, body.access_token)).toBeNull()
      expect(outcomeOf(await refreshWith(twin, body.refresh_token))).not.toBe("ok")
    }
  })

  test("16 with a grandparent: refused, and the end is told once", async () => {
    const host = await withAda()
    const twin = tokenApp({ clock: host.clock, stores: host.stores })
    const { refresh_token } = await tokensOf(host)
    const second = await refreshWith(host, refresh_token)
    await refreshWith(host, second.body.refresh_token)
    const heard = await race(16, [
      () => refreshWith(host, refresh_token),
      () => refreshWith(twin, refresh_token),
    ])
    expect(tally(heard.map(outcomeOf))).toEqual({ refresh_token_reused: 16 })
    const types = [...host.events, ...twin.events].map(({ type }) => type)
    expect(types.filter((type) => type === "refresh_token.reused")).toHaveLength(1)
    expect(types.filter((type) => type === "session.ended")).toHaveLength(1)
  })

  test("a thief's grandparent against the owner's 15: whatever the order, nobody has a live token afterwards", async () => {
    for (let round = 0; round < 8; round++) {
      const host = await withAda()
      const { refresh_token } = await tokensOf(host)
      const second = await refreshWith(host, refresh_token)
      const third = await refreshWith(host, second.body.refresh_token)
      const heard = await race(16, [
        (n) => refreshWith(host, n === round ? refresh_token : third.body.refresh_token),
      ])
      expect(outcomeOf(heard[round] ?? expect.fail())).toBe("refresh_token_reused")
      for (const { body } of [third, ...heard]) {
        if (!body.access_token) continue
        expect(await whoIs(host, body.access_token)).toBeNull()
        expect(outcomeOf(await refreshWith(host, body.refresh_token))).not.toBe("ok")
      }
    }
  })
})

import { afterEach, describe, expect, test, vi } from "vitest"
import { memoryAtomicStore, memorySessionStore } from "../../src/memory.js"
import type { SessionListener, SessionMessages, SessionRecord, User } from "../../src/stores/ports.js"
import { race, sessionRecord } from "../../src/testing.js"
import { memoryMessages, tiered } from "../../src/tiered.js"
import { tieredBench, ttl } from "./tiered-bench.js"

const ttlMs = ttl * 1000

afterEach(() => void vi.useRealTimers())

function touched(record: SessionRecord, at: number): SessionRecord {
  return { ...record, revision: record.revision + 1, lastSeenAt: at }
}

function rotated(record: SessionRecord): SessionRecord {
  return { ...record, revision: record.revision + 1, secretHash: sessionRecord().secretHash }
}

describe("reading", () => {
  test("fills upward: the truth once, the cache once for each node, then the memory alone, at once", async () => {
    const { a, b, asked, open } = await tieredBench()
    const record = await open()
    expect((await a.find(record.id))?.record).toEqual(record)
    expect(asked()).toEqual(["cache.add", "cache.get", "cache.swap", "truth.find"])
    expect((await b.find(record.id))?.record).toEqual(record)
    expect(asked()).toEqual(["cache.get"])
    for (const node of [a, b]) {
      const found = node.find(record.id)
      expect(found).not.toBeInstanceOf(Promise)
      expect(found).toEqual({ record, user: undefined })
    }
    expect(asked()).toEqual([])
  })

  test("64 who ask at once ask once, each for an object of their own; a failure is nobody's later", async () => {
    const { a, asked, down, open } = await tieredBench()
    const [one, other] = [await open(), await open()]
    const found = await race(64, [async () => a.find(one.id), async () => a.find(other.id)])
    expect(asked().filter((call) => call === "truth.find")).toHaveLength(2)
    expect(new Set(found).size).toBe(64)
    expect(found.map((each) => each?.record.id)).toEqual(
      Array.from({ length: 32 }, () => [one.id, other.id]).flat(),
    )

    const third = await open()
    down.truth = true
    const failed = await Promise.allSettled(Array.from({ length: 16 }, async () => a.find(third.id)))
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(["rejected"]))
    down.truth = false
    expect((await a.find(third.id))?.record).toEqual(third)
  })

  test("that there is no session is never remembered", async () => {
    const { a, asked, open } = await tieredBench()
    const record = sessionRecord()
    for (const _ of [1, 2]) {
      expect(await a.find(record.id)).toBeUndefined()
      expect(asked()).toContain("truth.find")
    }
    await open(record)
    expect((await a.find(record.id))?.record).toEqual(record)
  })

  test("a copy is good for a millisecond less than the bound, in memory and in the cache", async () => {
    const { a, b, asked, clock, open } = await tieredBench()
    const record = await open()
    await a.find(record.id)
    clock.advance(ttlMs - 1)
    expect(a.find(record.id)).not.toBeInstanceOf(Promise)
    await b.find(record.id)
    asked()
    expect(b.find(record.id)).not.toBeInstanceOf(Promise)
    clock.advance(1)
    // What b got from the cache is no younger than what a had.
    expect(b.find(record.id)).toBeInstanceOf(Promise)
    await b.find(record.id)
    expect(asked()).toContain("truth.find")
  })

  test("a cache that may keep longer is the staleness; the memory keeps to its own bound", async () => {
    const { asked, clock, cache, node, open } = await tieredBench()
    const [a, b] = [
      node({ redis: { cache: cache.watched, ttl: "20s" } }),
      node({ redis: { cache: cache.watched, ttl: 20 } }),
    ]
    expect([a.staleness, b.staleness]).toEqual([20, 20])
    await Promise.all([a.ready(), b.ready()])
    const record = await open()
    await a.find(record.id)
    clock.advance(20_000 - 1)
    asked()
    await b.find(record.id)
    expect(asked()).toEqual(["cache.get"])
    expect(b.find(record.id)).not.toBeInstanceOf(Promise)
    clock.advance(1)
    expect(b.find(record.id)).toBeInstanceOf(Promise)
  })

  test("a copy that says expired is a miss: it may have been renewed elsewhere", async () => {
    const { a, b, clock, open, truth } = await tieredBench()
    const record = await open({ expiresAt: 0 })
    const end = clock() + 1_000
    const living = await open({ expiresAt: end })
    for (const node of [a, b]) await node.find(living.id)
    expect(await a.find(record.id)).toBeUndefined()
    await truth.watched.replace({ ...living, revision: 1, expiresAt: end + 60_000 }, 0)
    clock.set(end)
    for (const node of [a, b]) expect((await node.find(living.id))?.record.expiresAt).toBe(end + 60_000)
  })

  test("a clock that is set back makes no copy last longer", async () => {
    const { a, asked, clock, node, open } = await tieredBench()
    const record = await open({ createdAt: clock() - 60_000 })
    await a.find(record.id)
    asked()
    clock.advance(-1)
    expect(a.find(record.id)).toBeInstanceOf(Promise)
    await node().find(record.id)
    expect(asked().filter((call) => call === "truth.find")).toHaveLength(2)
  })

  test("the memory holds as many as it may; the oldest goes first", async () => {
    const { node, open } = await tieredBench()
    const small = node({ memory: { max: 3, ttl } })
    const records = [await open(), await open(), await open(), await open()]
    for (const { id } of records) await small.find(id)
    expect(records.map(({ id }) => small.find(id) instanceof Promise)).toEqual([true, false, false, false])
  })

  test("what can be no key of a cache is asked of the truth alone", async () => {
    const { a, asked } = await tieredBench()
    for (const id of ["", "a b", "é", "\0", "x".repeat(129)]) expect(await a.find(id)).toBeUndefined()
    expect(new Set(asked())).toEqual(new Set(["truth.find"]))
    for (const id of ["", "a b", "x".repeat(129)]) expect(await a.delete(id)).toBe(false)
    expect(new Set(asked())).toEqual(new Set(["truth.delete"]))
  })

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a number", "7"],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["a lease of somebody else", "loading:x:1"],
    ["another version's", '{"confirmedAt":1,"record":{}}'],
  ])("what is no copy in the cache (%s) costs a question to the truth", async (_, text) => {
    const { a, cache, clock, open } = await tieredBench()
    const record = await open()
    await cache.watched.set(record.id, text, clock() + 60_000)
    expect((await a.find(record.id))?.record).toEqual(record)
  })

  const damages: readonly [
    string,
    (copy: { confirmedAt: unknown; record: Record<string, unknown>; user?: unknown }) => unknown,
  ][] = [
    ["another session's", ({ record }) => Object.assign(record, { id: sessionRecord().id })],
    ["from the future", (copy) => Object.assign(copy, { confirmedAt: Date.now() + 60_000 })],
    ["of no instant", (copy) => Object.assign(copy, { confirmedAt: "now" })],
    ["with a user who is none", (copy) => Object.assign(copy, { user: 7 })],
    ...[
      "realm",
      "userId",
      "secretHash",
      "epoch",
      "revision",
      "expiresAt",
      "methods",
      "claims",
      "address",
    ].map((field): [string, (copy: { record: Record<string, unknown> }) => unknown] => [
      `without ${field}`,
      ({ record }) => Reflect.deleteProperty(record, field),
    ]),
  ]
  test.each(damages)("a copy %s is none", async (_, damage) => {
    const { a, b, asked, cache, clock, open } = await tieredBench()
    const record = await open()
    await a.find(record.id)
    const copy = JSON.parse((await cache.watched.get(record.id)) ?? "")
    damage(copy)
    await cache.watched.set(record.id, JSON.stringify(copy), clock() + 60_000)
    asked()
    expect((await b.find(record.id))?.record).toEqual(record)
    expect(asked()).toContain("truth.find")
  })
})

describe("a reader that stalls after the truth has answered", () => {
  /** Its answers of the truth wait until they are let go. */
  async function stalled(options: { messages?: SessionMessages } = {}) {
    const bench = await tieredBench()
    const { cache, clock, truth } = bench
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const slow = {
      ...truth.watched,
      async find(id: string) {
        const found = await truth.watched.find(id)
        await gate
        return found
      },
    }
    const parts = { memory: { max: 10, ttl }, redis: cache.watched, postgres: slow, clock, ...options }
    const reader = tiered(parts)
    await reader.ready()
    const record = await bench.open()
    bench.asked()
    const reading = Promise.resolve(reader.find(record.id))
    await vi.waitFor(() => expect(bench.asked()).toContain("truth.find"))
    return { ...bench, reader, record, reading, go }
  }

  test("puts back nothing that ended meanwhile, though it heard of nothing", async () => {
    const { a, cache, go, node, reader, reading, record } = await stalled()
    expect(await cache.watched.get(record.id)).toContain("loading:")
    expect(await a.delete(record.id)).toBe(true)
    go()
    await reading
    expect(await node().find(record.id)).toBeUndefined()
    expect(await reader.find(record.id)).toBeUndefined()
  })

  test("for longer than its lease lasts keeps nothing", async () => {
    const { asked, clock, go, reader, reading, record } = await stalled()
    clock.advance(5_000)
    go()
    expect((await reading)?.record).toEqual(record)
    asked()
    await reader.find(record.id)
    expect(asked()).toContain("truth.find")
  })

  test("has a copy that counts from when it asked", async () => {
    const { clock, go, node, reader, reading, record, truth } = await stalled()
    clock.advance(3_000)
    go()
    await reading
    await truth.watched.delete(record.id)
    clock.advance(1_999)
    for (const each of [reader, node()]) expect((await each.find(record.id))?.record).toEqual(record)
    clock.advance(1)
    for (const each of [reader, node()]) expect(await each.find(record.id)).toBeUndefined()
  })

  test.each(["hears of its end", "hears of a gap"])(
    "and %s keeps nothing, and asks anew for who comes later",
    async (what) => {
      let heard: SessionListener | undefined
      const messages: SessionMessages = {
        publish: async () => {},
        async subscribe(listener) {
          heard = listener
          return async () => {}
        },
      }
      const { a, asked, go, reader, reading, record } = await stalled({ messages })
      await a.delete(record.id)
      if (what === "hears of a gap") heard?.gap()
      else heard?.changed([record.id])
      asked()
      const later = Promise.resolve(reader.find(record.id))
      await vi.waitFor(() => expect(asked()).toContain("truth.find"))
      go()
      expect((await reading)?.record, "it asked before").toEqual(record)
      expect(await later).toBeUndefined()
      expect(await reader.find(record.id)).toBeUndefined()
    },
  )
})

describe("the user", () => {
  interface Member extends User {
    readonly roles: readonly string[]
    readonly nickname?: string | undefined
  }
  const user = (record: SessionRecord): User => ({
    id: record.userId,
    email: "ada@example.com",
    emailVerifiedAt: 5,
    disabledAt: null,
    createdAt: 1,
  })

  test("comes out of every tier as it came from the truth, whatever the host added", async () => {
    const member = (record: SessionRecord): Member => ({
      ...user(record),
      roles: ["é\0", "admin"],
      nickname: "🔐",
    })
    for (const userOf of [user, member]) {
      const { a, b, open } = await tieredBench<User>(userOf)
      const record = await open({ userAgent: "a browser", claims: { role: "member" } })
      const expected = { record, user: userOf(record) }
      for (const node of [a, b]) for (const _ of [1, 2]) expect(await node.find(record.id)).toEqual(expected)
    }
  })

  test("of whom JSON loses something is a fault, not another user", async () => {
    const losses = [new Date(), 1n, new Map(), () => {}, Number.NaN, Symbol("x"), new (class Row {})()]
    for (const lost of losses) {
      const { a, open } = await tieredBench<User>((record) => ({ ...user(record), joined: { at: lost } }))
      const record = await open()
      await expect(a.find(record.id)).rejects.toThrow(
        /^tiered: user\.joined\.at is an? \w+, which JSON does not carry/,
      )
    }
  })

  test("who is too large for the cache is in memory", async () => {
    const { a, asked, open } = await tieredBench<User>((record) => ({
      ...user(record),
      notes: "é".repeat(16_000),
    }))
    const record = await open()
    await a.find(record.id)
    expect(asked()).toEqual(["cache.add", "cache.get", "truth.find"])
    expect(a.find(record.id)).toMatchObject({ user: { notes: "é".repeat(16_000) } })
  })
})

describe("changing", () => {
  test("what ends or rotates on one node is refused by the other, and told once", async () => {
    const { a, b, open, told } = await tieredBench()
    const [ended, left, all, kept] = [
      await open(),
      await open(),
      await open({ userId: "u" }),
      await open({ userId: "u" }),
    ]
    const records = [ended, left, all, kept]
    for (const { id } of records) for (const node of [a, b]) await node.find(id)

    expect(await a.delete(ended.id)).toBe(true)
    expect(await a.replace(rotated(left), 0)).toBe(true)
    expect(await a.deleteByUser("u", kept.id)).toEqual([all.id])
    expect(told).toEqual([[ended.id], [left.id], [all.id]])
    for (const node of [a, b, a, b]) {
      expect(await node.find(ended.id)).toBeUndefined()
      expect(await node.find(all.id)).toBeUndefined()
      expect((await node.find(left.id))?.record.secretHash).not.toBe(left.secretHash)
      expect((await node.find(kept.id))?.record).toEqual(kept)
    }
  })

  test("a use is written and told nobody; this node's copy is the new one, and lasts no longer for it", async () => {
    const { a, b, asked, clock, open, told } = await tieredBench()
    const record = await open()
    for (const node of [a, b]) await node.find(record.id)
    clock.advance(1_000)
    const next = touched(record, clock())
    expect(await a.replace(next, 0)).toBe(true)
    expect(told).toEqual([])
    asked()
    expect(a.find(record.id)).toEqual({ record: next, user: undefined })
    clock.advance(ttlMs - 1_000)
    expect(a.find(record.id)).toBeInstanceOf(Promise)
    await a.find(record.id)
    expect(asked()).toContain("truth.find")
  })

  test("a use that comes too late makes this node ask the truth, also when its message was lost", async () => {
    const { a, b, node, open } = await tieredBench()
    const record = await open()
    const deaf = node({ messages: { ...memoryMessages(), publish: async () => {} } })
    await a.find(record.id)
    await deaf.find(record.id)
    const next = rotated(record)
    expect(await deaf.replace(next, 0)).toBe(true)
    expect((await a.find(record.id))?.record).toEqual(record)
    expect(await a.replace(touched(record, 1), 0)).toBe(false)
    for (const each of [a, b]) expect((await each.find(record.id))?.record).toEqual(next)
  })

  test("the answer to a use that comes after a message puts nothing back", async () => {
    const { a, node, open, truth } = await tieredBench()
    const record = await open()
    let answer = (): void => {}
    const late = new Promise<void>((resolve) => {
      answer = resolve
    })
    const slow = node({
      postgres: {
        ...truth.watched,
        async replace(...input) {
          const replaced = await truth.watched.replace(...input)
          await late
          return replaced
        },
      },
    })
    await slow.ready()
    await slow.find(record.id)
    const first = touched(record, 1)
    const touching = slow.replace(first, 0)
    await vi.waitFor(async () => expect((await truth.watched.find(record.id))?.record.revision).toBe(1))
    const second = rotated(first)
    await a.replace(second, 1)
    expect((await slow.find(record.id))?.record).toEqual(second)
    answer()
    expect(await touching).toBe(true)
    expect((await slow.find(record.id))?.record).toEqual(second)
  })

  test("who answered an error may have done it: every copy goes", async () => {
    const { a, b, cache, node, open, told, truth } = await tieredBench()
    const lost = node({
      postgres: {
        ...truth.watched,
        async delete(id) {
          await truth.watched.delete(id)
          throw new Error("the answer was lost")
        },
        async replace(...input) {
          await truth.watched.replace(...input)
          throw new Error("the answer was lost")
        },
        async deleteByUser(userId) {
          await truth.watched.deleteByUser(userId)
          throw new Error("the answer was lost")
        },
      },
    })
    const [one, two, three] = [await open(), await open(), await open()]
    for (const { id } of [one, two, three]) for (const each of [a, b, lost]) await each.find(id)
    await expect(lost.delete(one.id)).rejects.toThrow("lost")
    await expect(lost.replace(rotated(two), 0)).rejects.toThrow("lost")
    await expect(lost.deleteByUser(three.userId)).rejects.toThrow("lost")
    expect(told).toEqual([[one.id], [two.id], [three.id]])
    for (const each of [a, b, lost]) {
      for (const { id } of [one, three]) expect(await each.find(id)).toBeUndefined()
      expect((await each.find(two.id))?.record.secretHash).not.toBe(two.secretHash)
    }
    for (const { id } of [one, three])
      expect((await cache.watched.get(id)) ?? "").not.toContain("confirmedAt")
  })
})

describe("messages", () => {
  test("a gap empties the memory", async () => {
    const listeners: SessionListener[] = []
    const messages: SessionMessages = {
      publish: async () => {},
      async subscribe(listener) {
        listeners.push(listener)
        return async () => {}
      },
    }
    const { node, open } = await tieredBench()
    const own = node({ messages })
    await own.ready()
    const record = await open()
    await own.find(record.id)
    expect(own.find(record.id)).not.toBeInstanceOf(Promise)
    listeners[0]?.gap()
    expect(own.find(record.id)).toBeInstanceOf(Promise)
  })

  test("a node listens from its first question on, tries again until it does, and stops when it is closed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const channel = memoryMessages()
    let tries = 0
    let listening = 0
    const messages: SessionMessages = {
      publish: (ids) => channel.publish(ids),
      async subscribe(listener) {
        tries += 1
        if (tries < 3) throw new Error("not yet")
        listening += 1
        const stop = await channel.subscribe(listener)
        return async () => {
          listening -= 1
          await stop()
        }
      },
    }
    const { node, open } = await tieredBench()
    const own = node({ messages })
    const record = await open()
    expect(tries).toBe(0)
    await own.find(record.id)
    expect(tries).toBe(1)
    expect(own.find(record.id), "until then the bound holds").not.toBeInstanceOf(Promise)
    const ready = own.ready()
    await vi.advanceTimersByTimeAsync(100)
    expect([tries, listening]).toEqual([2, 0])
    await vi.advanceTimersByTimeAsync(200)
    await ready
    expect([tries, listening]).toEqual([3, 1])
    expect(own.find(record.id), "what it did not hear counts as a gap").toBeInstanceOf(Promise)
    await own.find(record.id)
    await own.close()
    expect(listening).toBe(0)
    for (const _ of [1, 2]) expect(own.find(record.id), "nothing is kept any more").toBeInstanceOf(Promise)
    await expect(own.ready()).rejects.toThrow("closed")
    await own.close()
  })

  test("a node that is closed while it waits for the channel does not listen later", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    let listening = 0
    let open = (): void => {}
    const messages: SessionMessages = {
      publish: async () => {},
      subscribe: () =>
        new Promise((resolve) => {
          open = () => {
            listening += 1
            resolve(async () => {
              listening -= 1
            })
          }
        }),
    }
    const { node } = await tieredBench()
    const own = node({ messages })
    const ready = own.ready()
    const refused = expect(ready).rejects.toThrow("closed")
    await own.close()
    await refused
    open()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(listening).toBe(0)
  })

  test("what cannot be told fails nothing, and is told later", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const { a, b, down, open, told } = await tieredBench()
    const record = await open()
    for (const node of [a, b]) await node.find(record.id)
    down.messages = true
    expect(await a.delete(record.id)).toBe(true)
    expect(await a.find(record.id)).toBeUndefined()
    expect((await b.find(record.id))?.record, "within the bound").toEqual(record)
    await vi.advanceTimersByTimeAsync(400)
    expect(told.length).toBe(3)
    down.messages = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await b.find(record.id)).toBeUndefined()
    const count = told.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told.length).toBe(count)
  })

  test("what cannot be told within the bound is given up: there is no copy any more", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const { a, down, open, told } = await tieredBench()
    const record = await open()
    down.messages = true
    await a.delete(record.id)
    await vi.advanceTimersByTimeAsync(ttlMs)
    const count = told.length
    expect(count).toBeGreaterThan(3)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told.length).toBe(count)
  })
})

describe("what is lost", () => {
  test("the cache: the truth serves; after three failures it is left alone, and tried once a second", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const { a, asked, down, open } = await tieredBench()
    down.cache = true
    const records = await Promise.all(Array.from({ length: 12 }, () => open()))
    for (const { id } of records.slice(0, 6)) expect(await a.find(id)).toBeDefined()
    expect(asked().filter((call) => call.startsWith("cache."))).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(1_000)
    for (const { id } of records.slice(6, 9)) expect(await a.find(id)).toBeDefined()
    expect(asked().filter((call) => call.startsWith("cache."))).toHaveLength(1)
    down.cache = false
    await vi.advanceTimersByTimeAsync(1_000)
    for (const { id } of records.slice(9)) expect(await a.find(id)).toBeDefined()
    expect(asked().filter((call) => call === "cache.swap")).toHaveLength(3)
  })

  test("a cache that hangs: nobody waits for it longer than a quarter of a second, and after that nobody at all", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const stuck = { ...memoryAtomicStore(), get: () => new Promise<never>(() => {}) }
    const { node, open } = await tieredBench()
    const own = node({ redis: stuck })
    const records = await Promise.all(Array.from({ length: 64 }, () => open()))
    let found = 0
    const finding = records.map(async ({ id }) => (await own.find(id)) && found++)
    await vi.advanceTimersByTimeAsync(249)
    expect(found).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    await Promise.all(finding)
    expect(found).toBe(64)
    // No time passes any more.
    expect(await own.find((await open()).id)).toBeDefined()
  })

  test("the cache, when a session ends: this node goes past it, and the copy goes when it is back", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const { a, b, cache, down, node, open } = await tieredBench()
    const record = await open()
    await a.find(record.id)
    down.cache = true
    expect(await a.delete(record.id)).toBe(true)
    down.cache = false
    for (const each of [a, b]) expect(await each.find(record.id), "was told").toBeUndefined()
    expect(await node().find(record.id), "knows nothing, and is within the bound").toBeDefined()
    await vi.advanceTimersByTimeAsync(100)
    expect(await cache.watched.get(record.id)).toBeUndefined()
    expect(await node().find(record.id)).toBeUndefined()
  })

  test("the truth: copies serve until their time is over, a use need not be written, everything else rejects", async () => {
    const { a, b, clock, down, node, open, told } = await tieredBench()
    const [record, other] = [await open(), await open()]
    await a.find(record.id)
    await a.find(other.id)
    down.truth = true
    clock.advance(ttlMs - 1)
    for (const each of [a, b, node()]) expect((await each.find(record.id))?.record).toEqual(record)
    expect(await a.replace(touched(record, clock()), 0)).toBe(false)
    expect((await a.find(record.id))?.record).toEqual(record)
    for (const write of [
      () => a.delete(other.id),
      () => a.replace(rotated(other), 0),
      () => a.deleteByUser(other.userId),
      () => a.insert(sessionRecord()),
      () => a.epoch(other.userId),
      () => a.listByUser(other.userId),
    ]) {
      await expect(write()).rejects.toThrow("Injected fault")
    }
    expect(told).toEqual([[other.id], [other.id]])
    clock.advance(1)
    for (const each of [a, b]) await expect(each.find(record.id)).rejects.toThrow("Injected fault")
  })
})

describe("options", () => {
  const parts = { redis: memoryAtomicStore(), postgres: memorySessionStore() }

  test.each([
    [{ max: 1, ttl: 5 }, undefined, 0, 5],
    [{ max: 1, ttl: "1m" }, undefined, 0, 60],
    [{ max: 1, ttl: "1m" }, 10, 0, 60],
    [{ max: 1, ttl: 10 }, "1m", 0, 60],
    [{ max: 1, ttl: 5 }, undefined, 60, 65],
  ] as const)(
    "%o over a cache of %s and a truth that lags %d s is stale by %d s",
    (memory, cacheTtl, lag, staleness) => {
      const redis = cacheTtl === undefined ? parts.redis : { cache: parts.redis, ttl: cacheTtl }
      const postgres = { ...parts.postgres, staleness: lag }
      expect(tiered({ memory, redis, postgres }).staleness).toBe(staleness)
    },
  )

  test.each([
    [{ max: 0, ttl: 5 }, "tiered.memory.max: 0"],
    [{ max: 1.5, ttl: 5 }, "tiered.memory.max: 1.5"],
    [{ max: Number.POSITIVE_INFINITY, ttl: 5 }, "tiered.memory.max"],
    [{ max: 1, ttl: 0 }, "tiered.memory.ttl: 0"],
    [{ max: 1, ttl: -5 }, "tiered.memory.ttl: -5"],
    [{ max: 1, ttl: Number.NaN }, "tiered.memory.ttl"],
  ] as const)("%o will not do", (memory, message) => {
    expect(() => tiered({ ...parts, memory })).toThrow(message)
  })

  test("nor will a cache without a time", () => {
    const redis = { cache: parts.redis, ttl: 0 }
    expect(() => tiered({ ...parts, redis, memory: { max: 1, ttl: 5 } })).toThrow("tiered.redis.ttl: 0")
  })
})

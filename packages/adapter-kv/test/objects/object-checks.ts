import assert from "node:assert/strict"
import type { SessionRecord, SessionStore } from "@mortise/core"
import { adjustableClock, sessionRecord } from "@mortise/core/testing"
import {
  type DurableObjectStores,
  durableObjectStores,
  type ObjectNamespace,
  type ObjectStub,
} from "../../src/index.js"
import type { InspectedNamespace } from "../workerd/test-worker.js"
import { everyOrder, type Scenario } from "./every-order.js"

const [minute, hour] = [60_000, 3_600_000]

/** What the kit does not ask of Durable Objects, by name; each runs in workerd. */
export const objectChecks: Readonly<Record<string, (objects: InspectedNamespace) => Promise<void>>> = {
  "find is one call: for a live, an expired, an ended and an unknown session": async (objects) => {
    const { stores, callsDuring } = counted(objects)
    const [live, expired, ended] = [sessionRecord(), sessionRecord({ expiresAt: 1 }), sessionRecord()]
    for (const record of [live, expired, ended]) await stores.sessions.insert(record)
    await stores.sessions.delete(ended.id)
    for (const { id } of [live, expired, ended, sessionRecord()]) {
      assert.deepEqual(await callsDuring(async () => stores.sessions.find(id)), ["sessions.sessionFind"])
    }
  },

  "a user whose id is no whole text gets no session, since none of it could be revoked": async (objects) => {
    const { sessions } = durableObjectStores(objects)
    const record = sessionRecord({ userId: "a\ud800" })
    await assert.rejects(async () => sessions.insert(record), /half a character/)
    assert.equal(await sessions.find(record.id), undefined)
    assert.equal(await sessions.insert(sessionRecord({ userId: "a\u{1f512}" })), true)
  },

  "the other steps of a session": async (objects) => {
    const { stores, callsDuring } = counted(objects)
    const { sessions } = stores
    const record = sessionRecord()
    const { userId, id } = record
    const [enter, leave] = ["users.userEnter", "users.userLeave"]
    const revoke = "users.userRevoke"
    assert.deepEqual(await callsDuring(() => sessions.epoch(userId)), ["users.userEpoch"])
    assert.deepEqual(await callsDuring(() => sessions.insert(record)), [enter, "sessions.sessionOpen"])
    const renewed = { ...record, revision: 1 }
    assert.deepEqual(await callsDuring(() => sessions.replace(renewed, 0)), ["sessions.sessionReplace"])
    const listing = await callsDuring(() => sessions.listByUser(userId))
    assert.deepEqual(listing, ["users.userSessions", "sessions.sessionFindAll"])
    const revoking = await callsDuring(() => sessions.deleteByUser(userId))
    assert.deepEqual(revoking, [revoke, "sessions.sessionEndAll", leave])
    assert.deepEqual(await callsDuring(() => sessions.deleteByUser(userId)), [revoke])
    assert.deepEqual(await callsDuring(() => sessions.delete(id)), ["sessions.sessionEnd"])
  },

  "each step of a challenge or a counter is one call": async (objects) => {
    const { stores, callsDuring } = counted(objects)
    const until = Date.now() + minute
    for (const [slot, kind] of [
      ["challenges", "challenges"],
      ["rateLimits", "limits"],
    ] as const) {
      const store = stores[slot]
      const calls = await callsDuring(async () => {
        await store.set("one", "a", until)
        await store.get("one")
        await store.swap("one", "a", "b", until)
        await store.take("one")
        await store.add("one", "c", until)
        await store.delete("one")
        await store.increment("two", until)
      })
      const steps = ["Set", "Get", "Swap", "Take", "Add", "Delete", "Increment"]
      assert.deepEqual(
        calls,
        steps.map((step) => `${kind}.entry${step}`),
      )
    }
  },

  "challenges and rate limits do not meet, nor do two prefixes": async (objects) => {
    const { challenges, rateLimits } = durableObjectStores(objects, { prefix: "one:" })
    const other = durableObjectStores(objects, { prefix: "other:" })
    const key = crypto.randomUUID()
    await challenges.set(key, "mine", Date.now() + minute)
    assert.equal(await rateLimits.get(key), undefined)
    assert.equal(await other.challenges.get(key), undefined)
    assert.equal(await challenges.get(key), "mine")
  },

  "keys are spread over all shards, evenly, and stay there": async (objects) => {
    const names = new Map<string, number>()
    const counting: ObjectNamespace = {
      idFromName(name) {
        names.set(name, (names.get(name) ?? 0) + 1)
        return objects.idFromName(name)
      },
      get: () => answeringNothing,
    }
    const { challenges } = durableObjectStores(counting, { shards: 8 })
    for (let key = 0; key < 800; key += 1) await challenges.get(`key ${key}`)
    assert.equal(names.size, 8)
    for (const [name, count] of names)
      assert.ok(count > 60 && count < 140, `${name} has ${count} of 800 keys`)
    for (let times = 0; times < 10; times += 1) await challenges.get("key 7")
    assert.equal(Math.max(...names.values()) - Math.min(...names.values()) < 90, true)
    // Where a key lies must never change: it would be looked for where it is not.
    names.clear()
    const { sessions } = durableObjectStores(counting)
    await sessions.find("AAAAAAAAAAAAAAAAAAAAAA")
    assert.deepEqual([...names.keys()], ["mortise:sessions:11"])
  },

  "a hint where to run is handed on": async (objects) => {
    const hints: unknown[] = []
    const listening: ObjectNamespace = {
      idFromName: (name) => objects.idFromName(name),
      get(id, options) {
        hints.push(options)
        return objects.get(id)
      },
    }
    await durableObjectStores(listening, { locationHint: "weur" }).challenges.get("x")
    await durableObjectStores(listening).challenges.get("x")
    assert.deepEqual(hints, [{ locationHint: "weur" }, undefined])
  },

  "an alarm removes what has been over for an hour, and nothing else": async (objects) => {
    const prefix = `${crypto.randomUUID()}:`
    const now = Date.now()
    const stores = durableObjectStores(objects, { prefix, shards: 1, clock: () => now - 3 * hour })
    const [over, lately] = [now - hour - 2 * minute, now - hour + 30 * minute]
    const userId = "ada"
    const records = [over, lately].map((end) =>
      sessionRecord({ userId, expiresAt: end, absoluteExpiresAt: end }),
    )
    for (const record of records) await stores.sessions.insert(record)
    for (const end of [over, lately]) await stores.challenges.set(`until ${end}`, "x", end)
    for (const [kind, table] of [
      ["challenges", "entries"],
      ["sessions", "sessions"],
      ["users", "members"],
    ] as const) {
      const object = objects.get(objects.idFromName(`${prefix}${kind}:0`))
      await eventually(async () => assert.equal((await object.rows())[table], 1, `${table} after the alarm`))
      const next = Math.ceil((lately + hour) / minute) * minute
      await eventually(async () => assert.equal(await object.alarmAt(), next, "the next alarm"))
    }
  },

  "with nothing left no alarm is set": async (objects) => {
    const prefix = `${crypto.randomUUID()}:`
    const { challenges } = durableObjectStores(objects, { prefix, shards: 1 })
    await challenges.set("key", "x", 1)
    const object = objects.get(objects.idFromName(`${prefix}challenges:0`))
    await eventually(async () => assert.equal(await object.alarmAt(), null))
    assert.deepEqual(await object.rows(), { entries: 0, sessions: 0, epochs: 0, members: 0 })
  },

  "the alarm is set to the first end, also after a restart": async (objects) => {
    const prefix = `${crypto.randomUUID()}:`
    const { challenges } = durableObjectStores(objects, { prefix, shards: 1 })
    const object = (): ReturnType<InspectedNamespace["get"]> =>
      objects.get(objects.idFromName(`${prefix}challenges:0`))
    const now = Math.floor(Date.now() / minute) * minute
    await challenges.set("later", "x", now + 3 * hour)
    assert.equal(await object().alarmAt(), now + 4 * hour)
    await challenges.set("sooner", "x", now + 2 * hour)
    assert.equal(await object().alarmAt(), now + 3 * hour)
    await challenges.set("latest", "x", now + 9 * hour)
    assert.equal(await object().alarmAt(), now + 3 * hour, "nobody puts it off")
    await object()
      .restart()
      .catch(() => {})
    await challenges.set("after", "x", now + 9 * hour)
    assert.equal(await object().alarmAt(), now + 3 * hour, "nor does the first write after a restart")
  },

  "an object that is restarted has everything that it acknowledged": async (objects) => {
    const prefix = `${crypto.randomUUID()}:`
    const stores = durableObjectStores(objects, { prefix, shards: 1 })
    const [record, until] = [sessionRecord(), Date.now() + hour]
    await stores.sessions.deleteByUser(record.userId)
    await stores.sessions.insert({ ...record, epoch: 1 })
    assert.equal(await stores.challenges.add("key", "x", until), true)
    for (const kind of ["challenges", "sessions", "users"]) {
      await objects
        .get(objects.idFromName(`${prefix}${kind}:0`))
        .restart()
        .catch(() => {})
    }
    assert.deepEqual((await stores.sessions.find(record.id))?.record, { ...record, epoch: 1 })
    assert.equal(await stores.challenges.add("key", "y", until), false)
    assert.deepEqual(await stores.sessions.deleteByUser(record.userId), [record.id])
    assert.equal(await stores.sessions.epoch(record.userId), 2)
  },

  "an epoch that is read once a year is never forgotten": async (objects) => {
    const prefix = `${crypto.randomUUID()}:`
    const clock = adjustableClock()
    const { sessions } = durableObjectStores(objects, { prefix, shards: 1, clock })
    await sessions.deleteByUser("ada")
    const object = objects.get(objects.idFromName(`${prefix}users:0`))
    const first = await object.alarmAt()
    clock.advance(365 * 24 * hour)
    assert.equal(await sessions.epoch("ada"), 1)
    await object.runAlarm()
    assert.ok(Number(await object.alarmAt()) > Number(first) + 364 * 24 * hour, "kept for another 400 days")
    assert.equal(await sessions.epoch("ada"), 1)
  },

  "a session's user and its absolute end never change": async (objects) => {
    const { sessions } = durableObjectStores(objects)
    const record = sessionRecord()
    await sessions.insert(record)
    for (const change of [{ absoluteExpiresAt: record.absoluteExpiresAt + 1 }, { userId: "another" }]) {
      await assert.rejects(sessions.replace({ ...record, ...change, revision: 1 }, 0), TypeError)
    }
    assert.deepEqual((await sessions.find(record.id))?.record, record)
  },

  "what is no counter is not counted": async (objects) => {
    const { rateLimits } = durableObjectStores(objects)
    const until = Date.now() + minute
    for (const value of ["", "x", "1.5", "-1", " 1", "01", "1e3", "9007199254740993"]) {
      const key = crypto.randomUUID()
      await rateLimits.set(key, value, until)
      await assert.rejects(rateLimits.increment(key, until), /no counter/, value)
      assert.equal(await rateLimits.get(key), value)
    }
  },

  "a record that could not be read back is not written, and what is none rejects": async (objects) => {
    const prefix = `${crypto.randomUUID()}:`
    const { sessions } = durableObjectStores(objects, { prefix, shards: 1 })
    for (const changes of [{ expiresAt: Number.NaN }, { createdAt: 0.5 }, { epoch: -1 }, { claims: null }]) {
      await assert.rejects(sessions.insert(Object.assign(sessionRecord(), changes)), TypeError)
    }
    const object = objects.get(objects.idFromName(`${prefix}sessions:0`))
    const { id, userId, expiresAt, absoluteExpiresAt } = sessionRecord({ userId: "ada" })
    const row = { id, userId, revision: 0, expiresAt, absoluteExpiresAt }
    const secretHash = "s3cret-hash-canary"
    for (const text of [
      "",
      "hello",
      "null",
      "[]",
      JSON.stringify({ secretHash }),
      JSON.stringify(sessionRecord()),
    ]) {
      await object.sessionEndAll([id], userId, Date.now())
      await object.forget(id)
      await object.sessionOpen({ ...row, text })
      const error = await Promise.resolve(sessions.find(id)).catch((reason: unknown) => reason)
      assert.ok(error instanceof Error && error.name === "MalformedDataError", text)
      assert.doesNotMatch(String(error.stack), /canary/)
    }
  },

  "every order of a sign-in and two revocations": async (objects) => {
    const runs = await everyOrder({
      namespace: objects,
      begin: () => signInAgainstRevocations(objects, { revocations: 2 }),
    })
    assert.ok(runs > 100, `${runs} orders`)
  },

  "every order of a sign-in and a revocation, with a process that dies": async (objects) => {
    const runs = await everyOrder({
      namespace: objects,
      crashes: true,
      begin: () => signInAgainstRevocations(objects, { revocations: 1 }),
    })
    assert.ok(runs > 50, `${runs} orders`)
  },

  "every order of a renewal, a sign-out, a device list and a revocation": async (objects) => {
    const runs = await everyOrder({ namespace: objects, begin: () => renewalAgainstEnds(objects) })
    assert.ok(runs > 100, `${runs} orders`)
  },
}

/** All sessions in one object and all users in another, so that the calls of a step are always as many. */
function few(namespace: ObjectNamespace): SessionStore {
  return durableObjectStores(namespace, { shards: 1 }).sessions
}

async function signInAgainstRevocations(
  objects: ObjectNamespace,
  { revocations }: { readonly revocations: number },
): Promise<Scenario> {
  const { userId } = sessionRecord()
  const sessions = few(objects)
  const before = sessionRecord({ userId })
  assert.equal(await sessions.insert(before), true)
  const record = sessionRecord({ userId })
  const revoke = async (namespace: ObjectNamespace): Promise<void> => {
    const ended = await few(namespace).deleteByUser(userId)
    // Answered: from here on nobody finds what was there before.
    assert.equal(await sessions.find(before.id), undefined)
    for (const id of ended) assert.equal(await sessions.find(id), undefined)
  }
  return {
    actors: [
      (namespace) => few(namespace).insert(record),
      ...Array.from({ length: revocations }, () => revoke),
    ],
    async atEnd() {
      // One that died is repeated; one that answered has left nothing to find.
      if ((await sessions.epoch(userId)) === 0 || (await sessions.find(before.id)))
        await sessions.deleteByUser(userId)
      await sessions.deleteByUser(userId)
      for (const { id } of [before, record]) assert.equal(await sessions.find(id), undefined)
      assert.deepEqual(await sessions.listByUser(userId), [])
    },
  }
}

async function renewalAgainstEnds(objects: ObjectNamespace): Promise<Scenario> {
  const sessions = few(objects)
  const record = sessionRecord()
  const { userId, id } = record
  assert.equal(await sessions.insert(record), true)
  let ends = 0
  const renewed: SessionRecord = { ...record, revision: 1 }
  return {
    actors: [
      (namespace) => few(namespace).replace(renewed, 0),
      async (namespace) => {
        if (await few(namespace).delete(id)) ends += 1
        assert.equal(await sessions.find(id), undefined)
      },
      (namespace) => few(namespace).listByUser(userId),
      async (namespace) => {
        const ended = await few(namespace).deleteByUser(userId)
        ends += ended.length
        assert.equal(await sessions.find(id), undefined)
      },
    ],
    async atEnd() {
      assert.equal(ends, 1, "it ends once")
      assert.equal(await sessions.find(id), undefined)
      assert.deepEqual(await sessions.listByUser(userId), [])
    },
  }
}

interface Counted {
  readonly stores: DurableObjectStores
  readonly callsDuring: (body: () => Promise<unknown>) => Promise<readonly string[]>
}

/** Stores whose calls are counted, each as `<kind of object>.<method>`. */
function counted(objects: ObjectNamespace): Counted {
  let calls: string[] = []
  const prefix = `${crypto.randomUUID()}:`
  const namespace: ObjectNamespace = {
    idFromName: (name) => ({ id: objects.idFromName(name), toString: () => name }),
    get(named) {
      const [, kind] = named.toString().split(":")
      const stub = objects.get(objects.idFromName(named.toString()))
      return new Proxy(stub, {
        get(_, method) {
          calls.push(`${kind}.${String(method)}`)
          return (...given: unknown[]) => Reflect.apply(Reflect.get(stub, method), stub, given)
        },
      })
    },
  }
  async function callsDuring(body: () => Promise<unknown>): Promise<readonly string[]> {
    calls = []
    await body()
    return calls
  }
  return { stores: durableObjectStores(namespace, { prefix }), callsDuring }
}

const answeringNothing = new Proxy({} as ObjectStub, { get: () => async () => undefined })

async function eventually(assertion: () => Promise<void>): Promise<void> {
  for (let times = 0; times < 100; times += 1) {
    const failure = await assertion().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failure === undefined) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await assertion()
}

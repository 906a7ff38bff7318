import { memoryAtomicStore, memorySessionStore } from "../../src/memory.js"
import type {
  AtomicStore,
  SessionListener,
  SessionMessages,
  SessionRecord,
  SessionStore,
} from "../../src/stores/ports.js"
import { type AdjustableClock, adjustableClock, sessionRecord } from "../../src/testing.js"
import { type TieredSessions, tiered } from "../../src/tiered.js"

export const ttlSeconds = 5
export type NodeName = "a" | "b" | "fresh"

/** A step on its way: a request that has not reached the store, an answer that has not come back, a message in transit. */
interface HeldStep {
  readonly isMessage: boolean
  readonly go: () => void
}

/** What one `find` answered that it should not have; or nothing. */
export type Violation = string

/**
 * Two nodes, and as many fresh ones as are asked, over one truth, one cache and one channel, with one session. Every call to any of them is held twice, before it
 * takes effect and before its answer arrives, and every message once for each node, until the test lets it go. What happened is written down
 * at the instant at which the truth did it.
 */
export interface HeldWorld {
  readonly clock: AdjustableClock
  readonly violations: readonly Violation[]
  readonly accepted: () => number
  find(node: NodeName): void
  end(node: NodeName): void
  endAll(node: NodeName): void
  rotate(node: NodeName): void
  touch(node: NodeName): void
  gap(node: NodeName): void
  /** From now on, or no longer, every call to the cache fails when it gets there. */
  setCacheDown(isDown: boolean): void
  /** Lets one of the held steps go, or drops it if it is a message. */
  release(index: number, fate: "goes on" | "is lost"): void
  held(): number
  /** Until nothing moves any more by itself. */
  settle(): Promise<void>
}

export async function heldWorld(): Promise<HeldWorld> {
  const clock = adjustableClock()
  const steps: HeldStep[] = []
  const violations: Violation[] = []
  let accepted = 0
  let cacheDown = false
  let cacheFailed = false

  function hold(isMessage = false): Promise<void> {
    return new Promise((resolve) => steps.push({ isMessage, go: resolve }))
  }

  // What the truth did, and when.
  const session = sessionRecord({ createdAt: clock() })
  const revokedAt = new Map<string, number>()
  let current: string | undefined = session.secretHash
  function revoke(next: string | undefined): void {
    if (current !== undefined && current !== next) revokedAt.set(current, clock())
    current = next
  }

  const stored = memorySessionStore({ clock })
  await stored.insert(session)
  const truth: SessionStore<never> = {
    ...stored,
    find: (id) => heldCall(async () => stored.find(id)),
    listByUser: (userId) => heldCall(() => stored.listByUser(userId)),
    replace: (record, expected) =>
      heldCall(async () => {
        const replaced = await stored.replace(record, expected)
        if (replaced) revoke(record.secretHash)
        return replaced
      }),
    delete: (id) =>
      heldCall(async () => {
        const ended = await stored.delete(id)
        if (ended) revoke(undefined)
        return ended
      }),
    deleteByUser: (userId) =>
      heldCall(async () => {
        const ended = await stored.deleteByUser(userId)
        if (ended.length > 0) revoke(undefined)
        return ended
      }),
  }

  async function heldCall<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    await hold()
    const answer = await call()
    await hold()
    return answer
  }

  const cached = memoryAtomicStore({ clock })
  function cacheCall<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return heldCall(async () => {
      cacheFailed ||= cacheDown
      if (cacheDown) throw new Error("the cache is down")
      return call()
    })
  }
  const cache: AtomicStore = {
    ...cached,
    get: (key) => cacheCall(() => cached.get(key)),
    add: (...input) => cacheCall(() => cached.add(...input)),
    swap: (...input) => cacheCall(() => cached.swap(...input)),
    delete: (key) => cacheCall(() => cached.delete(key)),
  }

  // A message says of everything that was revoked when it was sent.
  const heard: Readonly<Record<NodeName, Set<string>>> = { a: new Set(), b: new Set(), fresh: new Set() }
  const listeners = new Map<NodeName, SessionListener>()
  function messagesOf(name: NodeName): SessionMessages {
    return {
      async publish(ids) {
        const revoked = [...revokedAt.keys()]
        for (const [to, listener] of listeners) {
          void hold(true).then(() => {
            listener.changed(ids)
            for (const hash of revoked) heard[to].add(hash)
          })
        }
        await hold()
      },
      async subscribe(listener) {
        listeners.set(name, listener)
        return async () => void listeners.delete(name)
      },
    }
  }

  function node(name: NodeName): TieredSessions<never> {
    const parts = { memory: { max: 10, ttl: ttlSeconds }, redis: cache, postgres: truth, clock }
    return tiered(name === "fresh" ? parts : { ...parts, messages: messagesOf(name) })
  }
  const nodes = { a: node("a"), b: node("b") }
  await Promise.all([nodes.a.ready(), nodes.b.ready()])
  const storeOf = (name: NodeName) => (name === "fresh" ? node("fresh") : nodes[name])

  /** Revoked by a call that this node has answered. */
  const answered: Readonly<Record<NodeName, Set<string>>> = { a: new Set(), b: new Set(), fresh: new Set() }

  /** The session is over, so whatever was revoked was revoked before. */
  function answerEnd(name: NodeName, hasEnded: boolean): void {
    if (hasEnded) union(answered[name], new Set(revokedAt.keys()))
  }

  /** Out of a cache that works it is gone before the revocation is answered, and nobody puts it back. */
  function deleted(): ReadonlySet<string> {
    return new Set(cacheFailed ? [] : Object.values(answered).flatMap((hashes) => [...hashes]))
  }

  async function found(name: NodeName): Promise<SessionRecord | undefined> {
    const startedAt = clock()
    const mustRefuse = new Set([...heard[name], ...(name === "fresh" ? deleted() : answered[name])])
    const record = (await storeOf(name).find(session.id))?.record
    if (record === undefined) {
      if (current !== undefined) violations.push(`${name} refused a session that had not ended`)
      return undefined
    }
    accepted += 1
    const { secretHash } = record
    const at = revokedAt.get(secretHash)
    if (mustRefuse.has(secretHash)) violations.push(`${name} accepted what it had been told is over`)
    if (at !== undefined && startedAt >= at + ttlSeconds * 1000) {
      violations.push(`${name} accepted a token ${startedAt - at} ms after its end`)
    }
    return record
  }

  async function change(name: NodeName, secretHash: (record: SessionRecord) => string): Promise<void> {
    const record = await found(name)
    if (!record) return
    const next = {
      ...record,
      lastSeenAt: clock(),
      secretHash: secretHash(record),
      revision: record.revision + 1,
    }
    const replaced = await storeOf(name).replace(next, record.revision)
    if (replaced && next.secretHash !== record.secretHash) answered[name].add(record.secretHash)
  }

  return {
    clock,
    violations,
    accepted: () => accepted,
    find: (name) => void found(name),
    end: (name) =>
      void storeOf(name)
        .delete(session.id)
        .then((ended) => answerEnd(name, ended)),
    endAll: (name) =>
      void storeOf(name)
        .deleteByUser(session.userId)
        .then((ids) => answerEnd(name, ids.length > 0)),
    rotate: (name) => void change(name, () => sessionRecord().secretHash),
    touch: (name) => void change(name, (record) => record.secretHash),
    gap(name) {
      listeners.get(name)?.gap()
      union(heard[name], deleted())
    },
    setCacheDown: (isDown) => {
      cacheDown = isDown
    },
    release(index, fate) {
      const [step] = steps.splice(index % Math.max(1, steps.length), 1)
      if (step && !(step.isMessage && fate === "is lost")) step.go()
    },
    held: () => steps.length,
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  }
}

function union(target: Set<string>, more: ReadonlySet<string>): void {
  for (const each of more) target.add(each)
}

import { DurableObject } from "cloudflare:workers"
import type { EpochMs } from "@mortise/core"
import { type EntryTable, entryTable } from "./entry-table.js"
import type { SessionRow } from "./namespace.js"
import type { ObjectState } from "./object-state.js"
import { type SessionTable, sessionTable } from "./session-table.js"
import { type Sweep, sweep } from "./sweep.js"
import { type UserTable, userTable } from "./user-table.js"

const tables = ["entries", "sessions", "epochs", "members"]

/**
 * The Durable Object that keeps a share of the challenges, limits, sessions or users. A host exports it from its
 * Worker:
 *
 *     export { MortiseObject } from "@mortise/adapter-kv/durable-object"
 *
 * and names it in its wrangler file, under `new_sqlite_classes`. Its methods are called by `durableObjectStores` and
 * are not for others. None of them waits, and an object does one thing at a time: each is one indivisible step, and
 * answers only when what it wrote is stored. `now` is the caller's clock.
 *
 * A class, against the house's habit, because the runtime wants one.
 */
export class MortiseObject extends DurableObject<unknown> {
  readonly #sweep: Sweep
  readonly #entries: EntryTable
  readonly #sessions: SessionTable
  readonly #users: UserTable

  /** Called by the runtime. */
  constructor(state: ObjectState, env: unknown) {
    super(state, env)
    const { sql } = state.storage
    this.#sweep = sweep(state, tables)
    this.#entries = entryTable(sql, this.#sweep)
    this.#sessions = sessionTable(sql, this.#sweep)
    this.#users = userTable(sql, this.#sweep)
  }

  /** Called by the runtime when something here is over: removes it. */
  alarm(): void {
    this.#sweep.run()
  }

  /** `AtomicStore.get` */
  entryGet(key: string, now: EpochMs): string | undefined {
    return this.#entries.get(key, now)
  }

  /** `AtomicStore.set` */
  entrySet(key: string, value: string, expiresAt: EpochMs): void {
    this.#entries.set(key, value, expiresAt)
  }

  /** `AtomicStore.delete` */
  entryDelete(key: string): void {
    this.#entries.delete(key)
  }

  /** `AtomicStore.add` */
  entryAdd(key: string, value: string, expiresAt: EpochMs, now: EpochMs): boolean {
    return this.#entries.add(key, value, expiresAt, now)
  }

  /** `AtomicStore.swap` */
  entrySwap(key: string, current: string, next: string, expiresAt: EpochMs, now: EpochMs): boolean {
    return this.#entries.swap(key, current, next, expiresAt, now)
  }

  /** `AtomicStore.take` */
  entryTake(key: string, now: EpochMs): string | undefined {
    return this.#entries.take(key, now)
  }

  /** `AtomicStore.increment`. @throws TypeError for a value that is no counter */
  entryIncrement(key: string, expiresAt: EpochMs, now: EpochMs): number {
    return this.#entries.increment(key, expiresAt, now)
  }

  /** Stores a session. False if it was revoked meanwhile. @throws Error if the id is taken */
  sessionOpen(row: SessionRow): boolean {
    return this.#sessions.open(row)
  }

  /** A live session's text. */
  sessionFind(id: string, now: EpochMs): string | undefined {
    return this.#sessions.find(id, now)
  }

  /** The texts of those that are live, in no promised order. */
  sessionFindAll(ids: string[], now: EpochMs): string[] {
    return this.#sessions.findAll(ids, now)
  }

  /** `SessionStore.replace` */
  sessionReplace(row: SessionRow, expectedRevision: number, now: EpochMs): boolean {
    return this.#sessions.replace(row, expectedRevision, now)
  }

  /** Ends a live session and answers whose it was. */
  sessionEnd(id: string, now: EpochMs): string | undefined {
    return this.#sessions.end(id, now)
  }

  /** Ends the sessions of this user, those that are only being opened too, and answers which were live. */
  sessionEndAll(ids: string[], userId: string, now: EpochMs): string[] {
    return this.#sessions.endAll(ids, userId, now)
  }

  /** `SessionStore.epoch` */
  userEpoch(userId: string, now: EpochMs): number {
    return this.#users.epoch(userId, now)
  }

  /** Lists a session that is being opened, if the user's epoch is still this. */
  userEnter(userId: string, id: string, epoch: number, until: EpochMs): boolean {
    return this.#users.enter(userId, id, epoch, until)
  }

  /** Ids of the user's sessions; some may lead nowhere. */
  userSessions(userId: string): string[] {
    return this.#users.sessions(userId)
  }

  /** Raises the user's epoch and answers the ids that are listed. */
  userRevoke(userId: string, now: EpochMs): string[] {
    return this.#users.revoke(userId, now)
  }

  /** Takes ids out of the user's index. */
  userLeave(userId: string, ids: string[]): void {
    this.#users.leave(userId, ids)
  }
}

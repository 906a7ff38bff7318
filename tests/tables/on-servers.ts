/** Has the hosts of packages/core/test stand on servers: a set-up file of the projects that vitest.config.ts makes of its tables. */
import { AsyncLocalStorage } from "node:async_hooks"
import { migrate, type PostgresQuery, postgresStores } from "@mortise/adapter-postgres"
import { redisStores, type SendCommand } from "@mortise/adapter-redis"
import type { Clock, Stores } from "@mortise/core"
import {
  type CallChoice,
  type FaultMoment,
  InjectedFault,
  type StoreCall,
  type Watched,
} from "@mortise/core/testing"
import pg from "pg"
import { createClient } from "redis"
import { afterAll, afterEach, beforeEach, inject } from "vitest"
import { standOn } from "../../packages/core/test/ground.js"

const wiring = inject("wiring")
const pool = new pg.Pool({ connectionString: inject("postgresUrl"), max: 8 })
const redis = await createClient({ url: inject("redisUrl") })
  .on("error", () => {})
  .connect()

/** A schema, which one host has at a time. */
interface Place {
  readonly schema: string
  /** Makes it what the migrations leave, before it is first used. */
  ready: () => Promise<void>
}

const name = `tables_${crypto.randomUUID().slice(0, 8)}`
const places: Place[] = []
/** Whose test is over. */
const free: Place[] = []
let taken = new Set<Place>()
let hosts = 0
/** Whose every schema has the same. */
let tables: Promise<pg.QueryResult<{ tablename: string }>> | undefined

// Who was there before the first test stays for all of them.
beforeEach(() => {
  taken = new Set()
})
afterEach(() => {
  free.push(...taken)
})
afterAll(async () => {
  if (hosts === 0) throw new Error("No host stood on a server: these tests say nothing about it.")
  for (const { ready, schema } of places) {
    await ready()
    await pool.query(`drop schema if exists ${schema} cascade`)
  }
  await pool.end()
  redis.destroy()
})

standOn({ fresh, failing, leave, everyStrategy: false })

/** Every statement and every command goes through here. */
type Wire = <Answer>(send: () => Promise<Answer>) => Promise<Answer>

/** The stores of one host over another wire. */
const over = new WeakMap<Stores, (wire: Wire) => Stores>()
const placeOf = new WeakMap<Stores, Place>()

function fresh(clock: Clock): Stores {
  const place = placeForOne()
  const { schema } = place
  hosts += 1
  const prefix = `${name}:${hosts}:`

  function storesOver(wire: Wire): Stores {
    const query: PostgresQuery = async ({ name, text, values }) => {
      await place.ready()
      return wire(() => pool.query({ name, text, values: [...values] }))
    }
    const postgres = postgresStores(query, { schema, clock })
    if (wiring === "everything on PostgreSQL") return postgres
    const send: SendCommand = ({ args }) => wire(() => redis.sendCommand(args))
    return { ...postgres, ...redisStores(send, { prefix, clock }) }
  }

  const stores = storesOver((send) => send())
  over.set(stores, storesOver)
  placeOf.set(stores, place)
  return stores
}

function leave(stores: Stores): void {
  const place = placeOf.get(stores)
  if (place && taken.delete(place)) free.push(place)
}

/** Which call of a store a statement belongs to. One for all: every promise pays for each that there is. */
const under = new AsyncLocalStorage<Pick<StoreCall, "method" | "slot">>()

/** Single statements and commands fail, also those in the midst of what is one call of a store. */
function failing(
  stores: Stores,
  fails: CallChoice,
  { moment = "before" }: { moment?: FaultMoment } = {},
): Watched<Stores> {
  const calls: StoreCall[] = []

  const wire: Wire = async (send) => {
    const { method, slot } = under.getStore() ?? { method: "", slot: "" }
    const call: StoreCall = { number: calls.length + 1, slot, method }
    calls.push(call)
    const fault = fails(call) ? new InjectedFault(call) : undefined
    if (fault && moment === "before") throw fault
    const answer = await send()
    if (fault) throw fault
    return answer
  }

  const storesOver = over.get(stores)
  if (!storesOver) throw new Error("These stores are none of those that fresh() made.")
  const told = Object.entries(storesOver(wire)).map(([slot, store]) => {
    const methods = Object.entries(store).map(([method, call]) => [
      method,
      typeof call !== "function"
        ? call
        : (...input: unknown[]) => under.run({ method, slot }, () => Reflect.apply(call, store, input)),
    ])
    return [slot, Object.fromEntries(methods)]
  })
  return { watched: Object.fromEntries(told), calls }
}

/** Making a schema takes ten times as long as emptying one. */
function placeForOne(): Place {
  const used = free.pop()
  const place = used ?? newPlace()
  if (used) used.ready = once(() => empty(used.schema))
  taken.add(place)
  return place
}

function newPlace(): Place {
  const schema = `${name}_${places.length}`
  const query: PostgresQuery = ({ text, values }) => pool.query({ text, values: [...values] })
  const place: Place = { schema, ready: once(() => migrate(query, { schema })) }
  places.push(place)
  return place
}

function once(step: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= step()
    return done
  }
}

/** As the migrations leave it. */
async function empty(schema: string): Promise<void> {
  tables ??= pool.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = $1 and tablename <> 'migrations'",
    [schema],
  )
  const deletions = (await tables).rows.map(({ tablename }) => `delete from ${schema}.${tablename};`)
  await pool.query(`${deletions.join("")} insert into ${schema}.audit_log_ends default values`)
}

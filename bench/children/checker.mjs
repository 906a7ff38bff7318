import pg from "pg"
import { createClient } from "redis"
import { assertChecks } from "../acceptance.mjs"
import { serveCalls } from "../child.mjs"
import { named } from "../contenders/all.mjs"

/**
 * @typedef {object} Settings
 * @property {string[]} names who is measured here, through one client
 * @property {"memory" | "redis" | "postgres"} store
 * @property {string} [url] of the store
 * @property {number} sessions how many there are
 */

/** Neighbours that a browser sends along. */
const around = (/** @type {string} */ cookie) => Buffer.from(`theme=dark; ${cookie}; lang=en`).toString()

serveCalls(async (/** @type {Settings} */ { names, store, url = "", sessions }) => {
  const open = await opener(store, url)
  /** @type {Map<string, (count: number, inFlight: number) => Promise<{ wall: number, cpu: number }>>} */
  const runs = new Map()
  for (const name of names) {
    const checks = await open(name)
    await checks.register(Math.max(2, sessions))
    const { isQuestion = false } = named(name)
    if (!isQuestion) await assertChecks(name, checks)
    const cookies = []
    for (let user = 0; user < sessions; user++) {
      const cookie = await checks.signIn(user)
      cookies.push(isQuestion ? cookie : around(cookie))
    }
    runs.set(name, runner(checks, shuffled(cookies)))
  }
  return { calls: { run: (name, count, inFlight) => runs.get(name)?.(count, inFlight) } }
})

/**
 * @param {Settings["store"]} store
 * @param {string} url
 * @returns {Promise<(name: string) => Promise<import("../contenders/contender.d.ts").Sessions>>}
 */
async function opener(store, url) {
  if (store === "redis") {
    /** @type {import("../contenders/contender.d.ts").Redis} */
    const client = createClient({ url })
    await client.connect()
    return (name) => present(name, named(name).redis?.(client))
  }
  if (store === "postgres") {
    const pool = new pg.Pool({ connectionString: url, max: 10 })
    return (name) => present(name, named(name).postgres?.(pool))
  }
  return (name) => present(name, named(name).memory?.())
}

/**
 * @template Value
 * @param {string} name
 * @param {Value | undefined} value
 */
function present(name, value) {
  if (value === undefined) throw new Error(`${name} does not take part here.`)
  return value
}

/**
 * Checks one session after the other, wherever the last run stopped; nanoseconds per check.
 *
 * @param {import("../contenders/contender.d.ts").Sessions} checks
 * @param {readonly string[]} cookies
 */
function runner({ check }, cookies) {
  let at = 0

  /** @param {number} count */
  async function checkSome(count) {
    for (let done = 0; done < count; done++) {
      const user = await check(/** @type {string} */ (cookies[at++ % cookies.length]))
      if (user === undefined) throw new Error("A valid session was refused.")
    }
  }

  return async (/** @type {number} */ count, /** @type {number} */ inFlight) => {
    const lanes = Array.from({ length: inFlight }, () => Math.ceil(count / inFlight))
    const cpuBefore = process.cpuUsage()
    const wallBefore = process.hrtime.bigint()
    if (inFlight === 1) await checkSome(count)
    else await Promise.all(lanes.map(checkSome))
    const wall = Number(process.hrtime.bigint() - wallBefore)
    const { user, system } = process.cpuUsage(cpuBefore)
    const checked = inFlight * Math.ceil(count / inFlight)
    return { wall: wall / checked, cpu: ((user + system) * 1000) / checked }
  }
}

/**
 * @template Item
 * @param {Item[]} items
 */
function shuffled(items) {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[items[last], items[other]] = [/** @type {Item} */ (items[other]), /** @type {Item} */ (items[last])]
  }
  return items
}

import { createHmac, hash, randomBytes } from "node:crypto"
import { json } from "node:stream/consumers"
import { verify } from "@node-rs/argon2"
import { secret } from "./site.mjs"

/**
 * What a sign-in has to do that counts its tries, opens a session and leaves a trace, written down for one server without a line
 * more: counters under keyed digests, of the address and of the account, taken before the hash and given back after it; a queue
 * before the hash; a session; two entries of a log, each of which carries the digest of the one before.
 *
 * @param {readonly import("./contender.d.ts").Account[]} accounts
 * @param {(user: number) => string | Promise<string>} open opens a session and answers its cookie
 * @returns {import("./contender.d.ts").SignInServer}
 */
export function signInByHand(accounts, open) {
  const users = new Map(accounts.map(({ email, hash }, id) => [email, { id, hash }]))
  const nobody = { id: -1, hash: accounts[0]?.hash ?? "" }
  const tries = counters()
  const inTurn = queue(3)
  const log = chain()
  return {
    async listener(req, res) {
      const { email, password } = /** @type {{ email: string, password: string }} */ (await json(req))
      const address = `address:${req.socket.remoteAddress}`
      const user = users.get(email) ?? nobody
      const account = `account:${user.id}`
      const allowed = tries.count(address, 1) <= 1_000_000 && tries.count(account, 1) <= 10
      const matches = (await inTurn(() => verify(user.hash, password))) && allowed && user !== nobody
      res.setHeader("cache-control", "no-store")
      if (!matches) {
        log({ type: "refused", at: Date.now(), user: user.id })
        return void res.writeHead(401).end()
      }
      tries.forget(account)
      tries.count(address, -1)
      const cookie = await open(user.id)
      log({ type: "opened", at: Date.now(), user: user.id })
      log({ type: "signed_in", at: Date.now(), user: user.id })
      res.setHeader("set-cookie", `${cookie}; Path=/; HttpOnly; Secure; SameSite=Lax`)
      res.setHeader("content-type", "application/json")
      res.end(JSON.stringify({ user: user.id }))
    },
    path: "/login",
    body: ({ email, password }) => ({ email, password }),
  }
}

/**
 * One of the four threads of Node stays free for the rest of the process: without, a file read waits behind every hash.
 *
 * @param {number} atOnce
 */
function queue(atOnce) {
  /** @type {(() => void)[]} */
  const waiting = []
  let free = atOnce
  return async (/** @type {() => Promise<boolean>} */ step) => {
    if (free > 0) free -= 1
    else await new Promise((resolve) => void waiting.push(() => resolve(undefined)))
    try {
      return await step()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

function counters() {
  /** @type {Map<string, number>} */
  const counts = new Map()
  const keyOf = (/** @type {string} */ name) => createHmac("sha256", secret).update(name).digest("base64url")
  return {
    count(/** @type {string} */ name, /** @type {number} */ more) {
      const key = keyOf(name)
      const count = (counts.get(key) ?? 0) + more
      counts.set(key, count)
      return count
    },
    forget: (/** @type {string} */ name) => void counts.delete(keyOf(name)),
  }
}

function chain() {
  /** @type {{ entry: string, digest: string }[]} */
  const entries = []
  return (/** @type {object} */ fields) => {
    const entry = JSON.stringify({ ...fields, salt: randomBytes(16).toString("base64url") })
    const digest = hash("sha256", `${entries.at(-1)?.digest}${entry}`, "base64url")
    entries.push({ entry, digest })
  }
}

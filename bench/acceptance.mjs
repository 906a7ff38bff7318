import assert from "node:assert/strict"
import { origin } from "./contenders/site.mjs"

/**
 * What is measured must be a check: it accepts every valid session as its own user's, and refuses a token of which any
 * part was changed, one that is over, and none at all.
 *
 * @param {string} name
 * @param {import("./contenders/contender.d.ts").Sessions} sessions with two users
 */
export async function assertChecks(name, { signIn, expired, check }) {
  const [first, second] = [await signIn(0), await signIn(1)]
  const [one, other] = [await check(first), await check(second)]
  assert.equal(typeof one, "string", `${name} refused a valid session.`)
  assert.equal(typeof other, "string", `${name} refused a valid session.`)
  assert.notEqual(one, other, `${name} took one user for another.`)
  assert.equal(await check(first), one, `${name} refused a session the second time.`)
  for (const tampered of tamperedWith(first)) {
    assert.equal(await check(tampered), undefined, `${name} accepted a tampered cookie: ${tampered}`)
  }
  assert.equal(await check(await expired()), undefined, `${name} accepted an expired session.`)
  assert.equal(await check("theme=dark"), undefined, `${name} accepted a request without a session.`)
}

/**
 * The same of a server's `GET /me`.
 *
 * @param {string} name
 * @param {string} url
 * @param {{ valid: string, expired: string }} cookies
 */
export async function assertGuards(name, url, { valid, expired }) {
  const statusOf = async (/** @type {string} */ cookie) => (await fetch(url, { headers: { cookie } })).status
  assert.equal(await statusOf(valid), 200, `${name} refused a valid session.`)
  for (const tampered of tamperedWith(valid)) {
    assert.equal(await statusOf(tampered), 401, `${name} accepted a tampered cookie: ${tampered}`)
  }
  assert.equal(await statusOf(expired), 401, `${name} accepted an expired session.`)
  assert.equal(await statusOf("theme=dark"), 401, `${name} accepted a request without a session.`)
}

/**
 * A way through a guard lets the right one pass, whoever comes before or after, and nobody else.
 *
 * @param {Pick<import("./contenders/mortise-guards.mjs").Way, "name" | "check" | "passes" | "refuses">} way
 */
export async function assertWay({ name, check, passes, refuses }) {
  assert.equal(typeof (await check(passes)), "string", `${name} refused the right one.`)
  assert.notEqual(refuses.length, 0, `${name} has nobody to refuse.`)
  for (const visit of refuses) {
    assert.equal(await check(visit), undefined, `${name} let the wrong one pass: ${JSON.stringify(visit)}`)
  }
  assert.equal(typeof (await check(passes)), "string", `${name} refused the right one the second time.`)
}

/**
 * The right password signs in, a wrong one does not.
 *
 * @param {string} name
 * @param {string} url
 * @param {object} body that signs in
 */
export async function assertSignsIn(name, url, body) {
  const statusOf = async (/** @type {object} */ credentials) => {
    const headers = { "content-type": "application/json", origin }
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify(credentials) })).status
  }
  assert.equal(await statusOf(body), 200, `${name} refused the right password.`)
  const wrong = { ...body, password: "wrong horse battery staple" }
  assert.equal(await statusOf(wrong), 401, `${name} accepted a wrong password.`)
}

/**
 * The cookie with one character changed: near its start, in its middle, near its end. Never the last one of a part, of
 * which base64 may ignore some bits.
 *
 * @param {string} cookie
 */
export function tamperedWith(cookie) {
  const start = cookie.indexOf("=") + 1
  const letters = [...cookie.matchAll(/[A-Za-z](?=[\w-])/g)]
    .map((match) => match.index)
    .filter((at) => at >= start + 4)
  return [0, 0.5, 0.9].map((part) => {
    const at = /** @type {number} */ (letters[Math.floor(part * letters.length)])
    return cookie.slice(0, at) + (cookie[at] === "A" ? "B" : "A") + cookie.slice(at + 1)
  })
}

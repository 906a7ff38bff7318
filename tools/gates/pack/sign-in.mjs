// Runs in an empty project that has only the tarballs: one registration and one sign-in over the handler, with
// what a host can import and nothing else.
import assert from "node:assert/strict"
import { createAuth, opaque } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { scrypt } from "@mortise/core/scrypt"

const origin = "https://app.example.com"

const auth = createAuth({
  origin,
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores: memoryStores(),
  sessions: opaque({ idle: "24h", absolute: "30d" }),
  flows: { password: password({ hasher: scrypt() }) },
})

const credentials = { email: "ada@example.com", password: "correct horse battery staple" }

const registered = await post("/auth/register", credentials)
assert.equal(registered.status, 202, await registered.text())

const refused = await post("/auth/login", { ...credentials, password: "incorrect horse battery staple" })
assert.equal(refused.status, 401)
assert.equal(refused.headers.get("set-cookie"), null)

const signedIn = await post("/auth/login", credentials)
assert.equal(signedIn.status, 200, await signedIn.text())
const [cookie = ""] = (signedIn.headers.get("set-cookie") ?? "").split(";")
assert.match(cookie, /^__Host-/)

const session = await auth.handle(new Request(`${origin}/auth/session`, { headers: { cookie } }))
assert.equal(session.status, 200)
console.log(`signed in: ${await session.text()}`)

/**
 * @param {string} path
 * @param {object} body
 */
function post(path, body) {
  const headers = { "content-type": "application/json", origin }
  return auth.handle(new Request(origin + path, { method: "POST", headers, body: JSON.stringify(body) }))
}

import { Hono } from "hono"

// The least that a session on KV costs: cut out the cookie, hash its secret, read the record, compare.
/** @type {Hono<{ Bindings: { SESSIONS: any } }>} */
const app = new Hono()

app.get("/cookie", async (c) => {
  const [id, secret] = [crypto.randomUUID(), crypto.randomUUID()]
  const record = { userId: "somebody", hash: await digest(secret), expiresAt: Date.now() + 3_600_000 }
  await c.env.SESSIONS.put(`s:${id}`, JSON.stringify(record), { expirationTtl: 3600 })
  return c.text(`session=${id}.${secret}`)
})

app.get("/me", async (c) => {
  const value = /(?:^|; )session=([^;]*)/.exec(c.req.header("cookie") ?? "")?.[1] ?? ""
  const [id, secret = ""] = value.split(".")
  const record = await c.env.SESSIONS.get(`s:${id}`, "json")
  const valid = record && record.expiresAt > Date.now() && record.hash === (await digest(secret))
  return valid ? c.json({ id: record.userId }) : c.json({}, 401)
})

/** @param {string} text */
async function digest(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
  return btoa(String.fromCharCode(...bytes))
}

export default app

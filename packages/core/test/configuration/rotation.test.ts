import { expect, test } from "vitest"
import { ada, app, appWithAda, secret, signedIn } from "../app.js"

const fresh = "Zx81mVbNqLwe7RtYuIoPasDfGhJk2l3C"

test("rotating the secret signs nobody out, at no step of it", async () => {
  const host = await appWithAda()
  const browser = await signedIn(host)
  const header = { headers: { cookie: browser.cookieHeader() } }
  for (const step of [[fresh, secret], fresh] as const) {
    const rotated = app({ stores: host.stores, clock: host.clock, auth: { secret: step } })
    const answer = await rotated.browser().get("/auth/session", header)
    expect((await answer.json()).user).not.toBeNull()
    expect((await rotated.browser().post("/auth/login", { json: ada })).status).toBe(200)
  }
})

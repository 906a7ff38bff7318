import { describe, expect, test } from "vitest"
import { shop } from "../../core/test/realms/shop.js"
import { fixtureAuth } from "../../hono/test/behaviours/fixture-auth.js"
import { get } from "../../hono/test/behaviours/requests.js"
import { mortise, requireSession } from "../src/index.js"
import { expresses, listen } from "./express-host.js"

describe.each(expresses)("%s: realms that are mounted at the whole host", (_, create) => {
  test.each(["before", "behind"])(
    "in a realm's area its own session counts, where the realms stand %s an Auth of the whole host",
    async (order) => {
      const [host, main] = [await shop(), fixtureAuth()]
      const app = create()
      const doors = [mortise(host.site), mortise(main.auth)]
      app.use(...(order === "before" ? doors : doors.reverse()))
      app.get(["/store/dashboard", "/catalogue"], requireSession(), (req, res) => {
        res.json({ realm: req.auth?.realm ?? null })
      })
      const { send } = await listen(app)
      const { cookie } = await host.signIn("store", "store")
      const sent = { cookie: `${cookie["cookie"]}; ${await main.signedIn()}` }
      expect(JSON.parse((await send(get("/store/dashboard", sent))).text)).toEqual({ realm: "store" })
      expect(JSON.parse((await send(get("/catalogue", sent))).text)).toEqual({ realm: "default" })
    },
  )

  test("thirty of the longest paths that Node takes hold up nobody", async () => {
    const host = await shop()
    const { send } = await listen(create().use(mortise(host.site)))
    const began = performance.now()
    const sent = Array.from({ length: 30 }, () => send(get(`/${".".repeat(15_000)}x`)))
    for (const { status } of await Promise.all(sent)) expect(status).toBe(404)
    // Where dots are counted anew from each, it is some six seconds.
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})

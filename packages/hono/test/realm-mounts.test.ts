import { type Context, Hono } from "hono"
import { expect, test } from "vitest"
import { shop } from "../../core/test/realms/shop.js"
import { type MortiseEnv, mortise, requireSession } from "../src/index.js"
import { fixtureAuth, origin } from "./behaviours/fixture-auth.js"

test.each(["before", "behind"])(
  "in a realm's area its own session counts, where the realms stand %s an Auth of the whole host",
  async (order) => {
    const [host, main] = [await shop(), fixtureAuth()]
    const app = new Hono<MortiseEnv>()
    const doors = [mortise(host.site), mortise(main.auth)]
    for (const door of order === "before" ? doors : doors.reverse()) app.use(door)
    const page = (c: Context<MortiseEnv>) => c.json({ realm: c.get("auth")?.realm ?? null })
    app.get("/store/dashboard", requireSession(), page)
    app.get("/catalogue", requireSession(), page)
    const { cookie } = await host.signIn("store", "store")
    const headers = { cookie: `${cookie["cookie"]}; ${await main.signedIn()}` }
    const realmAt = async (path: string) => (await app.request(`${origin}${path}`, { headers })).json()
    expect(await realmAt("/store/dashboard")).toEqual({ realm: "store" })
    expect(await realmAt("/catalogue")).toEqual({ realm: "default" })
  },
)

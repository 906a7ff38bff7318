import type { RequestHandler } from "express"
import { describe, expect, test } from "vitest"
import { fixtureAuth } from "../../hono/test/behaviours/fixture-auth.js"
import { get } from "../../hono/test/behaviours/requests.js"
import { mortise, requireSession } from "../src/index.js"
import { expresses, listen } from "./express-host.js"

/** One page each for Express, whose parser drops the host and the fragment, turns the backslash and writes out the brace. */
const oddSpellings = [
  "http://evil.example/admin/users/1",
  "http://evil.example:80/admin/users/1?x",
  "HTTP://u:p@evil.example;/admin/users/1",
  "http://u:p@evil.example/admin/users/1",
  "http://[::1]/admin/users/1",
  "/admin/users/1#x",
  "/admin/users/1/#/x",
  "/admin/users/1#/x?y",
  "/admin/users/1\\#",
  "/admin/users/{#abc",
  "/admin/users/1/?x",
  "/admin/users/1??/x",
  "/admin/users/1/\u00a0",
]

/** A pattern is mounted at the whole of every path, and so looks like a realm inside of all others. It must not become one. */
describe.each(expresses)("%s: a realm mounted at a pattern", (name, create) => {
  const patterns = [name === "Express 4" ? "*" : "/{*all}", /.*/]

  test.each(patterns)("%s lets nobody into a part that has a realm of its own", async (pattern) => {
    const [shop, admin] = [
      fixtureAuth({ realm: "shop" }),
      fixtureAuth({ realm: "admin", basePath: "/admin/auth" }),
    ]
    for (const order of ["admin first", "shop first"]) {
      const app = create()
      const mounts: readonly (() => void)[] = [
        () => app.use("/admin", mortise(admin.auth)),
        () => app.use(pattern, mortise(shop.auth)),
      ]
      for (const mount of order === "admin first" ? mounts : [...mounts].reverse()) mount()
      const page: RequestHandler = (req, res) => void res.json({ realm: req.auth?.realm ?? null })
      app.get("/admin/users/:id", requireSession(), page)
      app.get(
        "/admin/named",
        requireSession(() => true, { auth: admin.auth }),
        page,
      )
      app.get("/admin/open", page)
      const { send, errors } = await listen(app)
      const [customer, boss] = [await shop.signedIn(), await admin.signedIn()]

      expect((await send(get("/admin/users/1", { cookie: customer }))).status).toBe(500)
      expect(errors[0]?.message).toMatch(/Name one: requireSession\(rule, \{ auth \}\)/)
      for (const target of oddSpellings) {
        const { status } = await send(get(target, { cookie: customer }))
        expect([target, status]).toEqual([target, expect.toBeOneOf([400, 404, 500])])
      }
      expect((await send(get("/admin/named", { cookie: customer }))).status).toBe(401)
      expect((await send(get("/admin/named", { cookie: boss }))).status).toBe(200)
      expect(JSON.parse((await send(get("/admin/open", { cookie: customer }))).text)).toEqual({ realm: null })
    }
  })
})

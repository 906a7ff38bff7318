import type { Express, RequestHandler } from "express"
import { describe, expect, test } from "vitest"
import { type Fixture, fixtureAuth } from "../../hono/test/behaviours/fixture-auth.js"
import type { RunningHost } from "../../hono/test/behaviours/host.js"
import { get } from "../../hono/test/behaviours/requests.js"
import { mortise, requireSession } from "../src/index.js"
import { expresses, listen } from "./express-host.js"

type Seen = string | null | "undefined"

/** What a handler finds in `req.auth`: the realm of a user, null for a visitor, or that there is nothing. */
const seen: RequestHandler = (req, res) => {
  const auth: unknown = Reflect.get(req, "auth")
  res.json({ auth: auth === undefined ? "undefined" : (req.auth?.realm ?? req.auth) })
}

async function seenAt(host: RunningHost, target: string, cookie = ""): Promise<Seen> {
  const { status, text } = await host.send(get(target, cookie ? { cookie } : {}))
  expect([target, status]).toEqual([target, 200])
  return JSON.parse(text).auth
}

describe.each(expresses)("%s: req.auth", (name, create) => {
  const everything = name === "Express 4" ? "*" : "/{*all}"

  async function served(build: (app: Express) => void): Promise<RunningHost> {
    const app = create()
    build(app)
    return listen(app)
  }

  test("is the user behind mortise(), null for a visitor, and not there before it", async () => {
    const shop = fixtureAuth({ realm: "shop" })
    const host = await served((app) => {
      app.get("/before", seen)
      app.use(mortise(shop.auth))
      app.get("/behind", seen)
    })
    const cookie = await shop.signedIn()

    // Before and after the first request that mortise() saw.
    expect(await seenAt(host, "/before", cookie)).toBe("undefined")
    expect(await seenAt(host, "/behind", cookie)).toBe("shop")
    expect(await seenAt(host, "/behind")).toBe(null)
    expect(await seenAt(host, "/before", cookie)).toBe("undefined")
  })

  test("is the whole principal", async () => {
    const shop = fixtureAuth()
    const host = await served((app) => {
      app.use(mortise(shop.auth))
      app.get("/", (req, res) => void res.json(req.auth))
    })
    const { text } = await host.send(get("/", { cookie: await shop.signedIn() }))
    expect(JSON.parse(text)).toMatchObject({
      realm: "default",
      claims: { email: "ada@example.com", isSponsor: true },
    })
  })

  test("is the same object however often a handler reads it", async () => {
    const shop = fixtureAuth()
    const host = await served((app) => {
      app.use(mortise(shop.auth))
      app.get("/", (req, res) => {
        const [once, again] = [req.auth, req.auth]
        res.json(once !== null && once === again)
      })
    })
    expect((await host.send(get("/", { cookie: await shop.signedIn() }))).text).toBe("true")
  })

  test("may be overwritten by another middleware, and guards believe only what was loaded", async () => {
    const shop = fixtureAuth()
    const forged = { realm: "forged", userId: "eve", claims: { isSponsor: true } }
    const writing =
      (value: unknown): RequestHandler =>
      (req, _res, next) => {
        Object.assign(req, { auth: value })
        next()
      }
    const guards: unknown[] = []
    const host = await served((app) => {
      app.use(mortise(shop.auth))
      app.get("/forged", writing(forged), seen)
      app.get("/forged/twice", writing(null), writing(forged), seen)
      app.get("/forged/guarded", writing(forged), requireSession(), seen)
      app.get("/gone", writing(undefined), seen)
      const rule = (principal: { readonly realm: string }): boolean => guards.push(principal.realm) > 0
      app.get("/gone/guarded", writing(null), requireSession(rule), seen)
      app.get("/plain", seen)
    })
    const cookie = await shop.signedIn()

    expect(await seenAt(host, "/forged")).toBe("forged")
    expect(await seenAt(host, "/forged/twice")).toBe("forged")
    expect((await host.send(get("/forged/guarded"))).status).toBe(401)
    expect(await seenAt(host, "/gone", cookie)).toBe("undefined")
    expect(await seenAt(host, "/gone/guarded", cookie)).toBe(null)
    expect(guards).toEqual(["default"])
    // What one request's middleware wrote is that request's alone.
    expect(await seenAt(host, "/plain", cookie)).toBe("default")
    expect(await seenAt(host, "/plain")).toBe(null)
  })

  test("is the inner realm's in a sub-application with a mortise() of its own", async () => {
    const [shop, admin] = [
      fixtureAuth({ realm: "shop" }),
      fixtureAuth({ realm: "admin", basePath: "/admin/auth" }),
    ]
    const host = await served((app) => {
      const inner = create()
      inner.use(mortise(admin.auth))
      inner.get("/page", seen)
      app.use(mortise(shop.auth))
      app.use("/admin", inner)
      app.get("/page", seen)
    })
    const [customer, boss] = [await shop.signedIn(), await admin.signedIn()]

    expect(await seenAt(host, "/admin/page", customer)).toBe(null)
    expect(await seenAt(host, "/admin/page", boss)).toBe("admin")
    expect(await seenAt(host, "/admin/page", `${customer}; ${boss}`)).toBe("admin")
    expect(await seenAt(host, "/page", `${customer}; ${boss}`)).toBe("shop")
    expect(await seenAt(host, "/page", boss)).toBe(null)
  })

  test("is there in a sub-application without one, and in one whose mortise() is the only one", async () => {
    const shop = fixtureAuth({ realm: "shop" })
    const cookie = await shop.signedIn()
    const part = (withMortise: boolean): Express => {
      const inner = create()
      if (withMortise) inner.use(mortise(shop.auth))
      return inner.get("/page", seen)
    }
    const below = await served((app) => void app.use(mortise(shop.auth)).use("/part", part(false)))
    const within = await served((app) => void app.use("/part", part(true)).get("/page", seen))

    expect(await seenAt(below, "/part/page", cookie)).toBe("shop")
    expect(await seenAt(within, "/part/page", cookie)).toBe("shop")
    expect(await seenAt(within, "/page", cookie)).toBe("undefined")
  })

  test("is still there after a sub-application whose mortise() is the only one went on", async () => {
    const shop = fixtureAuth({ realm: "shop" })
    const host = await served((app) => {
      const inner = create()
      inner.use(mortise(shop.auth))
      app.use("/part", inner).use(seen)
    })
    expect(await seenAt(host, "/part/page", await shop.signedIn())).toBe("shop")
    expect(await seenAt(host, "/part/page")).toBe(null)
    expect(await seenAt(host, "/page")).toBe("undefined")
  })

  test("of two applications in one process is each one's own; one without mortise() has none", async () => {
    const [shop, admin] = [fixtureAuth({ realm: "shop" }), fixtureAuth({ realm: "admin" })]
    const application = (fixture?: Fixture): Promise<RunningHost> =>
      served((app) => {
        if (fixture) app.use(mortise(fixture.auth))
        app.get("/", seen)
        app.get("/has", (req, res) => void res.json(Reflect.has(req, "auth")))
      })
    const [first, second, bare] = [await application(shop), await application(admin), await application()]
    const both = `${await shop.signedIn()}; ${await admin.signedIn()}`

    for (const _ of ["first", "again"]) {
      expect(await seenAt(first, "/", both)).toBe("shop")
      expect(await seenAt(second, "/", both)).toBe("admin")
      expect(await seenAt(bare, "/", both)).toBe("undefined")
    }
    // Nothing is left on what all applications share.
    expect((await first.send(get("/has"))).text).toBe("true")
    expect((await bare.send(get("/has"))).text).toBe("false")
  })

  test("is this request's, though others are under way", async () => {
    const shop = fixtureAuth()
    const cookie = await shop.signedIn()
    let arrived = 0
    let open = (): void => {}
    const allArrived = new Promise<void>((resolve) => {
      open = resolve
    })
    const host = await served((app) => {
      app.use(mortise(shop.auth))
      app.get("/", async (_req, _res, next) => {
        arrived += 1
        if (arrived === 4) open()
        await allArrived
        next()
      })
      app.get("/", seen)
    })
    const cookies = [cookie, "", cookie, ""]
    const answers = await Promise.all(cookies.map((each) => seenAt(host, "/", each)))
    expect(answers).toEqual(["default", null, "default", null])
  })

  test("is null where several realms are mounted and nobody can tell which counts", async () => {
    const [shop, admin] = [
      fixtureAuth({ realm: "shop" }),
      fixtureAuth({ realm: "admin", basePath: "/admin/auth" }),
    ]
    const host = await served((app) => {
      app.use("/admin", mortise(admin.auth))
      app.use(everything, mortise(shop.auth))
      app.get("/admin/page", seen)
      app.get("/page", seen)
    })
    const both = `${await shop.signedIn()}; ${await admin.signedIn()}`

    expect(await seenAt(host, "/admin/page", both)).toBe(null)
    expect(await seenAt(host, "/page", both)).toBe("shop")
  })
})

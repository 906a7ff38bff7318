import { afterAll, beforeAll, expect, test } from "vitest"
import { demoPassword as password } from "../src/demo-data.js"
import { openSite, type RunningSite, sessionOf } from "./site.js"

let site: RunningSite

beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site?.close())

const at = {
  admin: "/admin/dashboard",
  store: "/store/ACME/dashboard",
  storefront: "/storefront/account/orders",
}

test.each([
  ["admin", { role: "customer" }, "Admin privileges required"],
  ["store", { role: "admin" }, "Store access only - admins cannot use store portal"],
  ["storefront", { role: "store" }, "Customer account required"],
  ["admin", { disabledAt: 1 }, "Admin privileges required"],
] as const)(
  "a live session at %s, and in the table alone %j: refused by the rule",
  async (realm, change, detail) => {
    const { admin, store, storefront } = site.doors.site.realms
    const { principal, token } = await sessionOf(
      {
        admin: () => admin.flows.password.signIn({ username: "admin", password }),
        store: () => store.flows.password.signIn({ username: "store", password }),
        storefront: () => storefront.flows.password.signIn({ email: "customer@example.com", password }),
      }[realm](),
    )
    const get = (): Promise<Response> =>
      fetch(site.url + at[realm], {
        headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      })
    expect((await get()).status).toBe(200)

    const { people } = site.stores
    const before = await people.find(principal.userId)
    if ("role" in change) await people.changeRole(principal.userId, change.role)
    else await people.update(principal.userId, change)
    const refused = await get()
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ reason: "forbidden", detail })

    await people.changeRole(principal.userId, before?.role ?? "customer")
    await people.update(principal.userId, { disabledAt: null })
    expect((await get()).status).toBe(200)
  },
)

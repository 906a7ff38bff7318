import { describe, expect, test } from "vitest"
import { memoryCredentialStore, memoryStores, memoryUserStore } from "../../src/memory.js"
import { adjustableClock, race } from "../../src/testing.js"
import { ada, app, type Host } from "../app.js"

/** Two realms that share everything but their users. */
function twoRealms(): { readonly store: Host; readonly admin: Host } {
  const clock = adjustableClock()
  const shared = memoryStores({ clock })
  const own = { ...shared, users: memoryUserStore(), credentials: memoryCredentialStore() }
  return {
    store: app({ clock, stores: own, auth: { realm: "store" } }),
    admin: app({ clock, stores: shared, auth: { realm: "admin" } }),
  }
}

const asAdmin = { ...ada, password: "nine brown rabbits running" }

describe("realms with users of their own beside shared sessions", () => {
  test("16 parallel registrations per realm with one address make one user in each", async () => {
    const { store, admin } = twoRealms()
    const register = (host: Host, visitor: typeof ada): Promise<unknown> =>
      host.auth.flows.password.register(visitor)
    await race(32, [() => register(store, ada), () => register(admin, asAdmin)])
    for (const host of [store, admin]) {
      expect(await host.stores.users.list({ limit: 10 })).toMatchObject([{ email: ada.email }])
    }
    const [member, staff] = await Promise.all(
      [store, admin].map((host) => host.stores.users.findByEmail(ada.email)),
    )
    expect(member?.id).not.toBe(staff?.id)
  })

  test("each password opens its own realm only, and disabling one user leaves the namesake's session", async () => {
    const { store, admin } = twoRealms()
    await store.auth.flows.password.register(ada)
    await admin.auth.flows.password.register(asAdmin)
    expect(await store.auth.flows.password.signIn(asAdmin)).toMatchObject({ ok: false })
    expect(await admin.auth.flows.password.signIn(ada)).toMatchObject({ ok: false })
    const [shopper, clerk] = [store.browser(), admin.browser()]
    await shopper.post("/auth/login", { json: ada })
    await clerk.post("/auth/login", { json: asAdmin })
    const signedIn = async (browser: typeof clerk): Promise<boolean> =>
      (await (await browser.get("/auth/session")).json()).user !== null
    expect([await signedIn(shopper), await signedIn(clerk)]).toEqual([true, true])

    const member = (await store.stores.users.findByEmail(ada.email))?.id ?? ""
    expect(await admin.auth.users.disable(member), "not a user of this realm").toMatchObject({ ok: false })
    expect(await signedIn(shopper)).toBe(true)
    expect(await store.auth.users.disable(member)).toMatchObject({ ok: true })
    expect([await signedIn(shopper), await signedIn(clerk)]).toEqual([false, true])
  })
})

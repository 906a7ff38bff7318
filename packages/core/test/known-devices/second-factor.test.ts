import { describe, expect, test } from "vitest"
import { emailAddress } from "../../src/email.js"
import { createAuth, opaque, type Stores } from "../../src/index.js"
import { knownDevices } from "../../src/known-devices.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { passwordConfirm } from "../../src/password-confirm.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, origin, secret } from "../app.js"
import { authenticatorApp } from "../mfa/authenticator-app.js"
import { noneSent, secondFactors } from "../mfa/second-factors.js"

/** Ada has an authenticator app; `code()` is what it shows. */
async function scene() {
  const clock = adjustableClock(Date.UTC(2026, 10, 21))
  const stores: Stores = memoryStores({ clock })
  const auth = createAuth({
    ...{ origin, secret, stores, clock },
    sessions: opaque(),
    flows: {
      password: password({
        hasher: testHasher(),
        knownDevices: knownDevices(),
        confirm: passwordConfirm(),
      }),
      mfa: secondFactors(noneSent()),
      email: emailAddress({ send: async () => {}, verifyOnRegistration: false }),
    },
    onFault: () => {},
  })
  await auth.flows.password.register(ada)
  const browser = (): TestClient => testClient(auth, { origin })
  const own = browser()
  await own.post("/auth/login", { json: ada })
  const { uri } = await (await own.post("/auth/mfa/enrol", { json: { factor: "totp" } })).json()
  const { code } = authenticatorApp(uri, clock)
  const enrolled = await own.post("/auth/mfa/enrol/confirm", { json: { factor: "totp", code: code() } })
  expect(enrolled.status).toBe(200)
  clock.advance(60_000)
  return { auth, browser, clock, code, stores }
}

type Host = Awaited<ReturnType<typeof scene>>

/** Says the password, and proves the second factor. */
async function signIn({ code }: Pick<Host, "code">, browser: TestClient): Promise<void> {
  expect((await browser.post("/auth/login", { json: ada })).status).toBe(401)
  const answer = await browser.post("/auth/mfa/verify", { json: { factor: "totp", code: code() } })
  expect(answer.status).toBe(200)
}

describe("a user with a second factor", () => {
  test.each(["form", "json"] as const)(
    "is known by %s once the password was right, and nothing is open by that",
    async (kind) => {
      const host = await scene()
      const browser = host.browser()
      const answer = await browser.post("/auth/login", { [kind]: ada })
      expect([answer.status, answer.headers.get("location")]).toEqual(
        kind === "form" ? [303, "/second-factor"] : [401, null],
      )
      expect([...browser.cookies.keys()].sort()).toEqual(["__Host-device", "__Host-mfa"])
      const { user } = await (await browser.get("/auth/session")).json()
      expect(user).toBeNull()
      for (let n = 0; n < 9; n++) await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
      expect((await (await host.browser().post("/auth/login", { json: ada })).json()).reason).toBe(
        "invalid_credentials",
      )
      await signIn(host, browser)
    },
  )

  test("the password once more makes a session fresh, and not stronger than it was", async () => {
    const host = await scene()
    const strong = host.browser()
    await signIn(host, strong)
    host.clock.advance(700_000)
    const ask = (browser: TestClient) =>
      browser.post("/auth/email/change", { json: { email: "ada@new.example" } })
    const reasonOf = async (answer: Response): Promise<string> => (await answer.json()).reason ?? "ok"
    expect(await reasonOf(await ask(strong))).toBe("reauthentication_required")
    expect((await strong.post("/auth/password/confirm", { json: { password: ada.password } })).status).toBe(
      200,
    )
    expect((await ask(strong)).status).toBe(202)

    // A session that was opened before there was a second factor.
    const user = await host.stores.users.findByEmail(ada.email)
    const held = await host.stores.credentials.listByUser(user?.id ?? "")
    for (const { handle, kind } of held)
      if (kind === "totp") await host.stores.credentials.delete(kind, handle)
    const weak = host.browser()
    expect((await weak.post("/auth/login", { json: ada })).status).toBe(200)
    for (const one of held)
      if (one.kind === "totp") await host.stores.credentials.insert({ ...one, revision: 0 })
    expect((await weak.post("/auth/password/confirm", { json: { password: ada.password } })).status).toBe(200)
    expect(await reasonOf(await ask(weak))).toBe("insufficient_user_authentication")
  })
})

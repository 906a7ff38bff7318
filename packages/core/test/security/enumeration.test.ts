import { describe, expect, test } from "vitest"
import type { User } from "../../src/index.js"
import { recordingStores } from "../../src/testing/intercept.js"
import { ada, app, appWithAda, type Host } from "../app.js"

/** Every kind of account that must be refused alike, with what is typed in. */
const accounts: Readonly<
  Record<string, (host: Host & { readonly user: User }) => Promise<{ email: string; password: string }>>
> = {
  "wrong password": async () => ({ ...ada, password: "not the right phrase" }),
  "unknown e-mail": async () => ({ ...ada, email: "nobody@example.com" }),
  "no e-mail at all": async () => ({ ...ada, email: "not an address" }),
  "no password (OAuth only)": async ({ stores, clock }) => {
    await stores.users.create({ email: "oauth@example.com", emailVerifiedAt: clock(), createdAt: clock() })
    return { ...ada, email: "oauth@example.com" }
  },
  "unreadable stored hash": async ({ stores, user }) => {
    const stored = await stores.credentials.find("password", user.id)
    if (stored) await stores.credentials.replace({ ...stored, secret: "!", revision: 1 }, 0)
    return ada
  },
  "locked by failures, right password": async (host) => {
    for (let n = 0; n < 5; n++) await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
    return ada
  },
  "disabled, right password": async ({ auth, user }) => {
    await auth.users.disable(user.id)
    return ada
  },
  "over-long password": async () => ({ ...ada, password: "x".repeat(1025) }),
  "empty password": async () => ({ ...ada, password: "" }),
  "over-long e-mail": async () => ({ ...ada, email: `${"x".repeat(5000)}@example.com` }),
}

async function attempt(name: string, form: boolean) {
  const host = await appWithAda()
  const typed = (await accounts[name]?.(host)) ?? ada
  const { watched, calls } = recordingStores(host.stores)
  const watching = app({ stores: watched, clock: host.clock })
  const answer = await watching.browser().post("/auth/login", form ? { form: typed } : { json: typed })
  const bytes = `${answer.status}\n${JSON.stringify([...answer.headers])}\n${await answer.text()}`
  return {
    bytes,
    hashes: watching.hasher.computed(),
    calls: calls.map(({ slot, method }) => `${slot}.${method}`),
    watching,
  }
}

describe("sign-in tells nobody whether an account exists", () => {
  test.each(Object.keys(accounts))("%s: the bytes of a wrong password, one hash", async (name) => {
    for (const form of [false, true]) {
      const [reference, answer] = [await attempt("wrong password", form), await attempt(name, form)]
      expect(answer.bytes).toBe(reference.bytes)
      expect(answer.hashes).toBe(1)
    }
  })

  test.each(Object.keys(accounts))("%s: the same look-ups in the same order", async (name) => {
    const lookUps = (calls: readonly string[]) =>
      calls.filter((call) => !call.startsWith("rateLimits") && !call.startsWith("audit"))
    expect(lookUps((await attempt(name, false)).calls)).toEqual(
      lookUps((await attempt("wrong password", false)).calls),
    )
  })

  test("the event names the exact cause", async () => {
    const causes: Record<string, unknown> = {}
    for (const name of Object.keys(accounts)) {
      const event = (await attempt(name, false)).watching.events.find(
        ({ type }) => type === "sign_in.refused",
      )
      causes[name] = event && "cause" in event && event.cause
    }
    expect(causes).toEqual({
      "wrong password": "wrong_password",
      "unknown e-mail": "unknown_email",
      "no e-mail at all": "malformed_email",
      "no password (OAuth only)": "no_password",
      "unreadable stored hash": "wrong_password",
      "locked by failures, right password": "backing_off",
      "disabled, right password": "disabled",
      "over-long password": "input_too_long",
      "empty password": "wrong_password",
      "over-long e-mail": "malformed_email",
    })
  })
})

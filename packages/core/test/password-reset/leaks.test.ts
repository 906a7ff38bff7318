/** Neither link nor password nor address is where it does not belong. */
import { inspect } from "node:util"
import { expect, test } from "vitest"
import { recordingStores } from "../../src/testing/intercept.js"
import { ada } from "../app.js"
import { next, resetApp, settled } from "./reset-app.js"

/** A store that notes every argument of every call. */
function noting<S extends object>(stores: S, noted: unknown[]): S {
  const copy: Record<string, unknown> = {}
  for (const [slot, store] of Object.entries(stores)) {
    copy[slot] = new Proxy(store as object, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== "function") return member
        return (...input: unknown[]) => {
          if (slot !== "users") noted.push([slot, name, ...input])
          return member.apply(target, input)
        }
      },
    })
  }
  return copy as S
}

test("no event, fault, key or value holds the token, its parts, the new password or the address", async () => {
  const made = resetApp()
  await made.account()
  const noted: unknown[] = []
  const { clock, mail, stores } = made
  const host = resetApp({ clock, mail, stores: noting(stores, noted) })
  const browser = host.browser()
  await browser.post("/auth/password/forgot", { json: { email: ada.email } })
  await browser.post("/auth/password/forgot", { json: { email: "nobody.canary@example.com" } })
  const { url } = await mail.nextAccountMail("reset_password")
  const token = new URL(url).searchParams.get("token") ?? ""
  const [payload = "", mac = ""] = token.split(".")
  const { id } = JSON.parse(Buffer.from(payload, "base64url").toString())
  await browser.get(`/auth/password/reset?token=${token}`)
  await browser.post("/auth/password/reset", { json: { password: "short canary" } })
  await browser.post("/auth/password/reset", { json: { password: next } })
  await browser.post("/auth/password/reset", { json: { password: next, token } })
  await settled()
  const types = host.events.map(({ type }) => type)
  expect(types.filter((type) => type.startsWith("password.reset"))).toHaveLength(5)
  // The hash of the test's own hasher holds the password: it is what belongs there.
  const kept = noted.filter((call) => !inspect(call).includes("$test$"))
  const seen = inspect([host.events, host.faults, kept, host.auth], { depth: 12, maxArrayLength: null })
  for (const canary of [token, payload, mac, id, next, "canary", ada.email]) {
    expect([canary, seen.includes(canary)]).toEqual([canary, false])
  }
  // Looked for where it must be, each is found.
  expect(inspect(mail.accountMails)).toContain(token)
  expect(inspect(noted, { depth: 9 })).toContain(encodeURIComponent(next))
})

test("nothing is stored for a link that was asked for but counters, and for one that was used but that it was", async () => {
  const made = resetApp()
  await made.account()
  const { calls, watched } = recordingStores(made.stores)
  const { clock, mail } = made
  const host = resetApp({ clock, mail, stores: watched })
  const token = await host.tokenFor()
  const writes = () =>
    calls
      .filter(({ method }) => /^(?:add|set|swap|insert|replace|increment|update|create|delete)/.test(method))
      .map(({ method, slot }) => `${slot}.${method}`)
  expect(writes()).toEqual(["rateLimits.increment", "rateLimits.increment"])
  const before = writes().length
  await host.auth.flows.password.reset({ token, password: next })
  const sorted = [...new Set(writes().slice(before))].sort()
  expect(sorted).toEqual([
    "challenges.add",
    "challenges.swap",
    "credentials.replace",
    "rateLimits.delete",
    "rateLimits.increment",
    "sessions.deleteByUser",
  ])
})

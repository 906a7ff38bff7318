/** Whoever did not change their password themselves must hear that somebody did. */
import { expect, test } from "vitest"
import { memoryStores } from "../../src/memory.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { ada } from "../app.js"
import { next, opens, type ResetHost, resetApp, settled } from "./reset-app.js"

async function signedIn(host: ResetHost) {
  const signIn = await host.auth.flows.password.signIn(ada)
  if (!signIn.ok) throw new Error(signIn.reason)
  return { token: signIn.session.token }
}

async function told({ mail }: ResetHost): Promise<readonly unknown[]> {
  await settled()
  return mail.accountMails
}

const notice = (host: ResetHost) => ({
  kind: "notice",
  notice: "password_changed",
  at: host.clock(),
  to: ada.email,
  locale: "en",
})

test("the owner is told of a password that was changed, after the answer", async () => {
  const host = resetApp()
  await host.account()
  const browser = host.browser()
  await browser.post("/auth/login", { json: ada })
  const answer = await browser.post("/auth/password/change", {
    json: { current_password: ada.password, new_password: next },
  })
  expect(answer.status).toBe(200)
  expect(await told(host)).toEqual([notice(host)])
  expect(await opens(host, next)).toBe(true)
})

test("also where the session was signed out in the midst of it", async () => {
  const clock = adjustableClock(Date.UTC(2026, 10, 20))
  const stores = memoryStores({ clock })
  const { sessions } = stores
  const host = resetApp({
    clock,
    stores: {
      ...stores,
      sessions: {
        ...sessions,
        async deleteByUser(userId, exceptId) {
          const ended = await sessions.deleteByUser(userId, exceptId)
          if (exceptId !== undefined) await sessions.delete(exceptId)
          return ended
        },
      },
    },
  })
  await host.account()
  const context = await signedIn(host)
  const outcome = await host.auth.flows.password.change({ current: ada.password, next }, context)
  expect(outcome).toMatchObject({ ok: false, reason: "not_signed_in" })
  expect(await opens(host, next)).toBe(true)
  expect(await told(host)).toEqual([notice(host)])
})

test("not of one that was refused, nor at an address that nobody has proven, nor of what the host sets", async () => {
  const host = resetApp()
  await host.account()
  const context = await signedIn(host)
  const { change, set } = host.auth.flows.password
  expect(await change({ current: "wrong", next }, context)).toMatchObject({ ok: false })
  expect(await change({ current: ada.password, next: "short" }, context)).toMatchObject({ ok: false })
  const user = await host.stores.users.findByEmail(ada.email)
  expect(await set(user?.id ?? "", next, context)).toEqual({ ok: true })
  expect(await told(host)).toEqual([])

  const squatted = resetApp()
  await squatted.account({ verified: false })
  const outcome = await squatted.auth.flows.password.change(
    { current: ada.password, next },
    await signedIn(squatted),
  )
  expect(outcome.ok).toBe(true)
  expect(await told(squatted)).toEqual([])
})

test("a mail that cannot be sent is the host's to hear: the password is changed", async () => {
  const host = resetApp({ reset: { send: () => Promise.reject(new Error("no mail")) } })
  await host.account()
  const context = await signedIn(host)
  const outcome = await host.auth.flows.password.change({ current: ada.password, next }, context)
  expect([outcome.ok, await opens(host, next)]).toEqual([true, true])
  await settled()
  expect(host.faults).toEqual([new Error("no mail")])
})

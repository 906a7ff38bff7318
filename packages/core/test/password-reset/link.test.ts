/** What a link is good for, and until when. */
import { describe, expect, test } from "vitest"
import { secretRing } from "../../src/crypto/secret-ring.js"
import { accountLinks, type LinkAction } from "../../src/flows/signed-link.js"
import { ada, origin, secret } from "../app.js"
import { causesOf, next, opens, type ResetHost, resetApp } from "./reset-app.js"

const another = "s3Lq9ZvYt1NcXb6WfJhRk4DgPmUaE8oT"

/** What the link's holder hears, with the causes that the events tell. */
async function tried(host: ResetHost, token: string | undefined): Promise<readonly unknown[]> {
  host.events.length = 0
  const { password } = host.auth.flows
  const peeked = await password.peekReset({ token })
  const outcome = await password.reset({ token, password: next })
  expect(peeked.ok ? "ok" : peeked.reason).toBe(outcome.ok ? "ok" : outcome.reason)
  return [outcome.ok ? "ok" : outcome.reason, ...causesOf(host.events)]
}

interface Forgery {
  readonly action?: LinkAction
  readonly realm?: string
  readonly audience?: string
  readonly secret?: string
  readonly userId?: string
}

/** A link as the flow makes it, but for what is changed. */
async function forged(host: ResetHost, changes: Forgery): Promise<string> {
  const user = await host.stores.users.findByEmail(ada.email)
  const { epoch } = await host.auth.sessions.begin(user?.id ?? "")
  const stored = await host.stores.credentials.find("password", user?.id ?? "")
  const { action = "reset-password", audience = origin, realm = "default" } = changes
  const secrets = secretRing([changes.secret ?? secret])
  const links = accountLinks({ clock: host.clock, realm, secrets }, host.stores.challenges, audience)
  const about = { action, userId: changes.userId ?? user?.id ?? "", email: ada.email }
  const state = [epoch, stored?.revision ?? null, stored?.changedAt ?? null]
  return links.sign(about, 1_800_000, state).token
}

test("what is forged here with the host's secret is a link, so that the rows below mean something", async () => {
  const host = resetApp()
  await host.account()
  expect(await tried(host, await forged(host, {}))).toEqual(["ok"])
})

const actions: readonly LinkAction[] = ["verify-email", "confirm-email", "undo-email", "reactivate"]
test.each<readonly [string, Forgery]>([
  ["of another realm", { realm: "admin" }],
  ["of another origin", { audience: "https://evil.example" }],
  ["of another secret", { secret: another }],
  ...actions.map((action) => [`made to ${action}`, { action }] as const),
])("one %s is none", async (_, changes) => {
  const host = resetApp()
  await host.account()
  expect(await tried(host, await forged(host, changes))).toEqual(["link_invalid", "link_invalid"])
  expect(await opens(host, ada.password)).toBe(true)
})

test("one of somebody else's account is not good for this address", async () => {
  const host = resetApp()
  await host.account()
  const eve = await host.stores.users.create({ email: "eve@example.com", emailVerifiedAt: 1, createdAt: 1 })
  const token = await forged(host, { userId: eve?.id ?? "" })
  expect(await tried(host, token)).toEqual(["link_expired", "revoked_meanwhile"])
})

describe("tampering", () => {
  test("every changed character makes it none", async () => {
    const host = resetApp({ reset: { limits: { network: { limit: 10_000, window: "1d" } } } })
    await host.account()
    const token = await host.tokenFor()
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === "A" ? "B" : "A"
      const { password } = host.auth.flows
      const outcome = await password.reset({
        token: token.slice(0, at) + other + token.slice(at + 1),
        password: next,
      })
      // The last character of each half has bits that say nothing: those of the digest must not be taken either.
      expect([at, outcome]).toEqual([at, { ok: false, reason: "link_invalid" }])
    }
    expect(await tried(host, token)).toEqual(["ok"])
  })

  test.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["a point", "."],
    ["no signature", "eyJhIjoxfQ."],
    ["a megabyte", "x".repeat(1_000_000)],
    ["half a pair", "\ud800.\ud800"],
  ])("%s is none", async (_, token) => {
    const host = resetApp()
    await host.account()
    expect(await tried(host, token)).toEqual(["link_invalid", "link_invalid"])
  })

  test("more behind it, or twice, is none", async () => {
    const host = resetApp()
    await host.account()
    const token = await host.tokenFor()
    for (const text of [`${token}.x`, `${token}${token}`, ` ${token}`, `${token}=`]) {
      expect(await tried(host, text)).toEqual(["link_invalid", "link_invalid"])
    }
  })
})

describe("time", () => {
  test.each([
    [1_799_999, ["ok"]],
    [1_800_000, ["link_expired", "link_expired"]],
    [86_400_000, ["link_expired", "link_expired"]],
  ])("after %i ms", async (elapsed, expected) => {
    const host = resetApp()
    await host.account()
    const token = await host.tokenFor()
    host.clock.advance(elapsed)
    expect(await tried(host, token)).toEqual(expected)
  })

  test("a lifetime of the host's own", async () => {
    const host = resetApp({ reset: { lifetime: "5m" } })
    await host.account()
    const [one, other] = [await host.tokenFor(), await host.tokenFor()]
    host.clock.advance(299_999)
    expect(await tried(host, one)).toEqual(["ok"])
    host.clock.advance(1)
    expect(await tried(host, other)).toEqual(["link_expired", "link_expired"])
  })

  test("one that was used stays used for as long as it could be shown", async () => {
    const host = resetApp()
    await host.account()
    const token = await host.tokenFor()
    await tried(host, token)
    for (const elapsed of [0, 1_799_999]) {
      host.clock.advance(elapsed)
      expect(await tried(host, token)).toEqual(["link_used", "link_used"])
    }
  })
})

describe("secrets that are rotated", () => {
  test("a link of the old secret is good until that is taken out", async () => {
    const old = resetApp()
    await old.account()
    const [one, other] = [await old.tokenFor(), await old.tokenFor()]
    const shared = { stores: old.stores, clock: old.clock }
    const without = resetApp({ ...shared, auth: { secret: another } })
    expect(await tried(without, other)).toEqual(["link_invalid", "link_invalid"])
    const rotated = resetApp({ ...shared, auth: { secret: [another, secret] } })
    expect(await tried(rotated, one)).toEqual(["ok"])
  })
})

/** Whatever ends the user's sessions, or changes the password, ends every link to the account. */
const endings: Readonly<Record<string, (host: ResetHost, id: string) => Promise<unknown>>> = {
  "a password that was set": (host, id) => host.auth.flows.password.set(id, "the third of all phrases"),
  async "a password that was changed"({ auth, browser }) {
    const own = browser()
    await own.post("/auth/login", { json: ada })
    const token = own.cookies.get("__Host-session")
    const change = { current: ada.password, next: "the third of all phrases" }
    return auth.flows.password.change(change, { token })
  },
  async "another link"(host) {
    return host.auth.flows.password.reset({ token: await host.tokenFor(), password: next })
  },
  "everything revoked": (host, id) => host.auth.sessions.endAll(id, "revoked", {}),
  async "disabled and enabled again"(host, id) {
    await host.auth.users.disable(id)
    return host.auth.users.enable(id)
  },
  "another address": (host, id) => host.stores.users.update(id, { email: "new@example.com" }),
  "the account is gone": (host, id) => host.stores.users.delete(id),
  async "a password, whose epoch nobody could move"({ stores }, id) {
    const stored = await stores.credentials.find("password", id)
    if (!stored) return
    const changed = { ...stored, secret: "$test$v=1$other", revision: stored.revision + 1 }
    await stores.credentials.replace(changed, stored.revision)
  },
}

test.each(Object.keys(endings))("is over by: %s", async (name) => {
  const host = resetApp()
  const user = await host.account()
  const token = await host.tokenFor()
  await endings[name]?.(host, user.id)
  expect(await tried(host, token)).toEqual(["link_expired", "revoked_meanwhile"])
})

test("signing in and out ends none", async () => {
  const host = resetApp()
  await host.account()
  const token = await host.tokenFor()
  const browser = host.browser()
  await browser.post("/auth/login", { json: ada })
  await browser.post("/auth/logout", { json: {} })
  expect(await tried(host, token)).toEqual(["ok"])
})

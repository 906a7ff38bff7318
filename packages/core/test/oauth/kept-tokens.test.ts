/** `encryptedTokens()`: what is kept of a provider's tokens, who can read it, and that one of many asks for new ones. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createSeal } from "../../src/crypto/seal.js"
import { secretRing } from "../../src/crypto/secret-ring.js"
import { memoryStores } from "../../src/memory.js"
import { encryptedTokens, ProviderError } from "../../src/oauth.js"
import type { Credential, Stores } from "../../src/stores/ports.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { race } from "../../src/testing/race.js"
import { ada, secret } from "../app.js"
import { account } from "./accounts.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import type { JsonObject } from "./hostile-provider/lies.js"
import { interruptedStores } from "./interrupted-stores.js"
import { type OAuthAppOptions, type OAuthHost, oauthApp, signInThrough, whoIs } from "./oauth-app.js"
import { overheardStores } from "./overheard-stores.js"

const clock = adjustableClock()
let remote: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider({ clock })
})
beforeEach(() => {
  remote.reset()
  clock.set(Date.now())
})
afterAll(() => remote.stop())

const fresh = "Zx81mVbNqLwe7RtYuIoPasDfGhJk2l3C"
const hour = 3_600_000
/** From here on it is about to end. */
const margin = hour - 60_000

function keeping(options: OAuthAppOptions = {}): OAuthHost {
  return oauthApp(remote, { clock, ...options, oauth: { tokens: encryptedTokens(), ...options.oauth } })
}

/** A host at which somebody has just signed in through the provider. */
async function keepingOne(options: OAuthAppOptions = {}) {
  const host = keeping(options)
  const browser = host.browser()
  await signInThrough(browser, remote)
  const userId = (await whoIs(browser)) ?? ""
  const accessToken = () => host.auth.flows.oauth.accessToken(userId, "remote")
  return { ...host, signedInBrowser: browser, userId, accessToken }
}

/** Every answer of the token endpoint from now on, as it was given. */
function overheardGrants(change: (truth: JsonObject) => JsonObject = (truth) => truth): JsonObject[] {
  const grants: JsonObject[] = []
  remote.lie({
    token: (truth) => {
      const told = change(truth)
      grants.push(told)
      return told
    },
  })
  return grants
}

const refreshes = () => remote.requests.token.filter(({ form }) => form.has("refresh_token"))

async function identityOf(stores: Stores, userId: string): Promise<Credential> {
  const found = (await stores.credentials.listByUser(userId)).find(({ kind }) => kind === "identity")
  if (!found) throw new Error("no identity")
  return found
}

/** Whose access token it is, as the provider sees it. */
async function holderOf(accessToken: string | undefined): Promise<unknown> {
  const answer = await fetch(`${remote.origin}/userinfo`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  return answer.ok ? ((await answer.json()) as { sub: unknown }).sub : undefined
}

describe("what is kept", () => {
  test("opens for the host: the access token of the latest sign-in, and until when it is good", async () => {
    const host = await keepingOne()
    const first = await host.accessToken()
    expect(first).toEqual({ ok: true, accessToken: expect.any(String), expiresAt: clock() + hour })
    clock.advance(1000)
    await signInThrough(host.browser(), remote)
    const second = await host.accessToken()
    expect(second).toEqual({ ok: true, accessToken: expect.any(String), expiresAt: clock() + hour })
    expect(second).not.toEqual(first)
    expect(await holderOf(second.ok ? second.accessToken : "")).toBe(remote.user.sub)
    expect(refreshes()).toEqual([])
  })

  test("no store ever hears a token in plain: at sign-in, while an identity waits, when it is confirmed, claimed, linked, refreshed", async () => {
    const grants = overheardGrants()
    const { heard, stores } = overheardStores(memoryStores({ clock }))
    const host = await keepingOne({ stores })
    clock.advance(margin)
    expect((await host.accessToken()).ok).toBe(true)
    for (const step of ["confirm", "claim"] as const) {
      const email = `${step}@example.com`
      const { id } = await account(host, { email })
      remote.user = { sub: step, email, email_verified: true }
      const browser = host.browser()
      expect(await signInThrough(browser, remote)).toMatch(/^\/link-account/)
      if (step === "confirm") await browser.post("/auth/login", { json: { ...ada, email } })
      expect((await browser.post(`/auth/oauth/${step}`, { json: {} })).status).toBe(200)
      expect((await host.auth.flows.oauth.accessToken(id, "remote")).ok).toBe(true)
      remote.user = { sub: `${step}-linked`, email, email_verified: true }
      expect(await signInThrough(browser, remote, { link: true })).toBe("/account?notice=identity_linked")
    }
    expect(grants).toHaveLength(6)
    const text = heard()
    expect(text).toContain("claim-linked")
    for (const grant of grants) {
      for (const name of ["access_token", "refresh_token", "id_token"]) {
        expect(typeof grant[name]).toBe("string")
        expect([name, text.includes(String(grant[name]))]).toEqual([name, false])
      }
    }
  })

  test("is access and refresh token, scope and expiry; the ID token is not kept even sealed", async () => {
    const grants = overheardGrants()
    const host = await keepingOne()
    const { handle, secret: kept } = await identityOf(host.stores, host.userId)
    const { tokens } = JSON.parse(kept) as { tokens: string }
    const opened = await createSeal(secretRing(secret), "oauth tokens").open(tokens, handle)
    expect(JSON.parse(opened ?? "")).toEqual({
      accessToken: grants[0]?.["access_token"],
      refreshToken: grants[0]?.["refresh_token"],
      scope: "openid email profile",
      expiresAt: clock() + hour,
    })
  })

  test("moved to the record of another identity it does not open", async () => {
    const host = await keepingOne()
    remote.user = { ...remote.user, sub: "2", email: "eve@example.com" }
    const browser = host.browser()
    await signInThrough(browser, remote)
    const thief = (await whoIs(browser)) ?? ""
    const [from, to] = [await identityOf(host.stores, host.userId), await identityOf(host.stores, thief)]
    await host.stores.credentials.replace(
      { ...to, secret: from.secret, revision: to.revision + 1 },
      to.revision,
    )
    expect(await host.auth.flows.oauth.accessToken(thief, "remote")).toEqual({
      ok: false,
      reason: "not_found",
    })
    expect((await host.accessToken()).ok).toBe(true)
  })

  test("a rotated secret still opens it, and seals anew what is written; without the old one the rest is gone", async () => {
    const host = await keepingOne()
    const { stores, userId } = host
    remote.user = { ...remote.user, sub: "2", email: "eve@example.com" }
    const browser = host.browser()
    await signInThrough(browser, remote)
    const other = (await whoIs(browser)) ?? ""

    const both = keeping({ stores, secret: [fresh, secret] })
    expect(await both.auth.flows.oauth.accessToken(userId, "remote")).toEqual(await host.accessToken())
    clock.advance(margin)
    expect((await both.auth.flows.oauth.accessToken(userId, "remote")).ok).toBe(true)

    const after = keeping({ stores, secret: fresh })
    expect((await after.auth.flows.oauth.accessToken(userId, "remote")).ok).toBe(true)
    expect(await after.auth.flows.oauth.accessToken(other, "remote")).toEqual({
      ok: false,
      reason: "not_found",
    })
    expect(await signInThrough(after.browser(), remote)).toBe("/workspace")
    expect((await after.auth.flows.oauth.accessToken(other, "remote")).ok).toBe(true)
  })

  test("nothing, where the host does not keep tokens: asking for one is a mistake of the host's, with what to write", async () => {
    const grants = overheardGrants()
    const { heard, stores } = overheardStores(memoryStores({ clock }))
    const host = oauthApp(remote, { clock, stores })
    const browser = host.browser()
    await signInThrough(browser, remote)
    const asked = host.auth.flows.oauth.accessToken((await whoIs(browser)) ?? "", "remote")
    await expect(asked).rejects.toMatchObject({ code: "ERR_CONFIG_PROVIDER" })
    await expect(asked).rejects.toThrow(/tokens: encryptedTokens\(\)/)
    expect(grants).toHaveLength(1)
    expect(heard()).not.toMatch(/"tokens|sealed/)
    for (const token of Object.values(grants[0] ?? {}).filter((one) => String(one).length > 20))
      expect(heard()).not.toContain(String(token))
  })

  test("nobody's token for an unknown user, another provider, an account without identities", async () => {
    const host = await keepingOne()
    const plain = await account(host, { email: "bob@example.com" })
    for (const [userId, provider] of [
      ["nobody", "remote"],
      [host.userId, "other"],
      [host.userId, ""],
      [plain.id, "remote"],
    ] as const)
      expect(await host.auth.flows.oauth.accessToken(userId, provider)).toEqual({
        ok: false,
        reason: "not_found",
      })
  })

  test("of two identities at one provider, the one that signed in last speaks", async () => {
    const host = await keepingOne()
    const first = remote.user
    clock.advance(1)
    remote.user = { ...remote.user, sub: "2" }
    expect(await signInThrough(host.signedInBrowser, remote, { link: true })).toBe(
      "/account?notice=identity_linked",
    )
    const holder = async (): Promise<unknown> => {
      const asked = await host.accessToken()
      return holderOf(asked.ok ? asked.accessToken : "")
    }
    expect(await holder()).toBe("2")
    clock.advance(1)
    remote.user = first
    await signInThrough(host.browser(), remote)
    expect(await holder()).toBe(first.sub)
  })
})

describe("an access token that is about to end", () => {
  test("is refreshed a minute before, to the millisecond", async () => {
    const host = await keepingOne()
    const first = await host.accessToken()
    clock.advance(margin - 1)
    expect(await host.accessToken()).toEqual(first)
    expect(refreshes()).toHaveLength(0)
    clock.advance(1)
    const second = await host.accessToken()
    expect(refreshes()).toHaveLength(1)
    expect(second).toEqual({ ok: true, accessToken: expect.any(String), expiresAt: clock() + hour })
    expect(second).not.toEqual(first)
    expect(await host.accessToken()).toEqual(second)
    expect(refreshes()).toHaveLength(1)
  })

  test("of one of whose end the provider said nothing, is never refreshed", async () => {
    overheardGrants((truth) => ({ ...truth, expires_in: undefined }))
    const host = await keepingOne()
    clock.advance(365 * 24 * hour)
    expect(await host.accessToken()).toEqual({
      ok: true,
      accessToken: expect.any(String),
      expiresAt: undefined,
    })
    expect(refreshes()).toHaveLength(0)
  })

  test("without a refresh token is good to its last millisecond; then its user must come again", async () => {
    overheardGrants((truth) => ({ ...truth, refresh_token: undefined }))
    const host = await keepingOne()
    clock.advance(hour - 1)
    expect((await host.accessToken()).ok).toBe(true)
    clock.advance(1)
    expect(await host.accessToken()).toEqual({ ok: false, reason: "reauthentication_required" })
    await signInThrough(host.browser(), remote)
    expect((await host.accessToken()).ok).toBe(true)
  })

  test("16 ask at once, at two servers: one asks the provider, and all get what it got", async () => {
    const host = await keepingOne()
    const twin = keeping({ stores: host.stores })
    clock.advance(margin)
    const answers = await race(16, [
      () => host.accessToken(),
      () => twin.auth.flows.oauth.accessToken(host.userId, "remote"),
    ])
    expect(refreshes()).toHaveLength(1)
    expect(answers[0]).toMatchObject({ ok: true, expiresAt: clock() + hour })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test("the newest refresh token is used, each once", async () => {
    const grants = overheardGrants()
    const host = await keepingOne()
    for (let round = 0; round < 3; round++) {
      clock.advance(margin)
      expect((await host.accessToken()).ok).toBe(true)
    }
    expect(refreshes().map(({ form }) => form.get("refresh_token"))).toEqual(
      grants.slice(0, 3).map((grant) => grant["refresh_token"]),
    )
  })

  test("a provider that sends no new refresh token means the old one; at a sign-in as well", async () => {
    const grants = overheardGrants((truth) =>
      grants.length === 0 ? truth : { ...truth, refresh_token: undefined },
    )
    remote.lie({ unchecked: ["rotation"] })
    const host = await keepingOne()
    const only = grants[0]?.["refresh_token"]
    for (let round = 0; round < 2; round++) {
      clock.advance(margin)
      expect((await host.accessToken()).ok).toBe(true)
      await signInThrough(host.browser(), remote)
    }
    clock.advance(margin)
    expect((await host.accessToken()).ok).toBe(true)
    expect(refreshes().map(({ form }) => form.get("refresh_token"))).toEqual([only, only, only])
  })
})

describe("a refresh that fails", () => {
  test("because the grant was taken back: the user must come again, and then it works", async () => {
    const host = await keepingOne()
    remote.reset()
    clock.advance(margin)
    expect(await host.accessToken()).toEqual({ ok: false, reason: "reauthentication_required" })
    await signInThrough(host.browser(), remote)
    expect((await host.accessToken()).ok).toBe(true)
  })

  test.each([
    ["hangs up", { hangUp: true }],
    ["answers 500", { status: 500 }],
    ["answers HTML", { raw: "<p>", headers: { "content-type": "text/html" } }],
    ["refuses the client", { status: 401, raw: '{"error":"invalid_client"}' }],
    ["is busy", { status: 429, raw: "{}" }],
    ["leads elsewhere", { redirect: "https://evil.example/" }],
    ["grants nothing", { raw: '{"token_type":"Bearer"}' }],
  ] as const)("because the provider %s: a fault, 503, and nothing is lost by it", async (_, token) => {
    const host = await keepingOne()
    clock.advance(margin)
    remote.lie({ answers: { token: () => token } })
    const asked = host.accessToken()
    await expect(asked).rejects.toBeInstanceOf(ProviderError)
    await expect(asked).rejects.toMatchObject({ code: "ERR_PROVIDER", status: 503, retryAfter: 1 })
    remote.lies = { unchecked: ["rotation"] }
    expect((await host.accessToken()).ok).toBe(true)
  })

  test("because the host no longer has the provider", async () => {
    const host = await keepingOne()
    clock.advance(margin)
    const without = keeping({ stores: host.stores, providers: [] })
    expect(await without.auth.flows.oauth.accessToken(host.userId, "remote")).toMatchObject({ ok: false })
    expect((await host.accessToken()).ok).toBe(true)
  })
})

describe("something else happens at any store call of a refresh", () => {
  /** Lets it happen at each call in turn, and hands each ending to `check`. */
  async function atEveryCall(
    meanwhile: (host: Awaited<ReturnType<typeof keepingOne>>) => Promise<unknown>,
    check: (host: Awaited<ReturnType<typeof keepingOne>>, outcome: unknown, n: number) => Promise<void>,
  ): Promise<void> {
    for (let n = 1; ; n++) {
      remote.reset()
      const host = await keepingOne()
      clock.advance(margin)
      const meeting = interruptedStores(
        host.stores,
        ({ number }) => number === n,
        () => meanwhile(host),
      )
      const asking = keeping({ stores: meeting.stores })
      const outcome = await asking.auth.flows.oauth.accessToken(host.userId, "remote")
      if (!meeting.happened()) break
      await meeting.answer()
      await check(host, outcome, n)
      expect(n).toBeLessThan(30)
    }
  }

  test.each([
    ["that brings a refresh token", false],
    ["that brings none", true],
  ])("a sign-in %s: a good token now, and later", async (_, none) => {
    await atEveryCall(
      async ({ browser }) => {
        // Many providers send one at the first consent only.
        if (none) remote.lie({ token: { refresh_token: undefined } })
        await signInThrough(browser(), remote)
        remote.lies = {}
      },
      async (host, outcome, n) => {
        expect([n, outcome]).toMatchObject([n, { ok: true }])
        expect(await holderOf((outcome as { accessToken: string }).accessToken)).toBe(remote.user.sub)
        for (let round = 0; round < 2; round++) {
          clock.advance(margin)
          expect([n, await host.accessToken()]).toMatchObject([n, { ok: true }])
        }
      },
    )
  })

  test("an unlink: nothing of it comes back", async () => {
    await atEveryCall(
      async (host) => {
        const { userId: id } = host
        await host.stores.credentials.insert({
          kind: "password",
          handle: id,
          userId: id,
          secret: "x",
          revision: 0,
          createdAt: 0,
          changedAt: 0,
        })
        clock.set(clock() - margin)
        const [mine] = await host.auth.flows.oauth.identities(id)
        const { status } = await host.signedInBrowser.post("/auth/oauth/unlink", {
          json: { identity: mine?.id },
        })
        clock.advance(margin)
        expect(status).toBe(200)
      },
      async (host, outcome, n) => {
        // Whoever had it in hand when the identity went may still have it.
        expect([n, outcome]).toEqual([n, expect.objectContaining({ ok: expect.any(Boolean) })])
        expect(await host.accessToken()).toEqual({ ok: false, reason: "not_found" })
        expect(await host.auth.flows.oauth.identities(host.userId)).toEqual([])
      },
    )
  })
})

import { race, type TestClient } from "@mortise/core/testing"
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest"
import { insisting } from "../../packages/core/test/insisting.js"
import { startHostileProvider } from "../../packages/core/test/oauth/hostile-provider/hostile-provider.js"
import {
  at,
  depart,
  type OAuthCluster,
  oauthCluster,
  registered,
  trip,
  waysInto,
  whoIs,
} from "./oauth-servers.js"
import { ada, wirings } from "./servers.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

let opened: OAuthCluster | undefined
afterEach(shut)

async function shut(): Promise<void> {
  await opened?.close()
  opened = undefined
}

const person = (sub: string, email = ada.email) => ({ sub, email, email_verified: true })
const verified = person("owner")

/** How often each answer came. */
function tally(answers: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

async function reasonOf(answer: Response): Promise<string> {
  return answer.ok ? "ok" : ((await answer.json()) as { reason: string }).reason
}

async function claimedBy(browser: TestClient | undefined): Promise<string> {
  if (!browser) throw new Error("no browser")
  return reasonOf(await browser.post("/auth/oauth/claim", { json: {} }))
}

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(options: Parameters<typeof oauthCluster>[2] = {}): Promise<OAuthCluster> {
    opened = await oauthCluster(wiring, remote, options)
    return opened
  }

  test("16 callbacks of one attempt at once: one session, 15 refusals, one code sent, one event", async () => {
    const { a, b, events } = await open()
    const browser = at(a)
    const address = await depart(browser, remote)
    const browsers = await race(16, [
      async () => ({ browser: at(a, browser), answer: undefined }),
      async () => ({ browser: at(b, browser), answer: undefined }),
    ])
    const answers = await race(16, [async (n) => browsers[n]?.browser.get(address)])
    expect(tally(answers.map((answer) => answer?.headers.get("location") ?? ""))).toEqual({
      "/": 1,
      "/sign-in?error=oauth_state_mismatch&provider=remote": 15,
    })
    const signedIn = await Promise.all(browsers.map((one) => whoIs(one.browser)))
    expect(signedIn.filter(Boolean)).toHaveLength(1)
    expect(remote.requests.token).toHaveLength(1)
    expect([events("sign_in.succeeded").length, events("sign_in.refused").length]).toEqual([1, 15])
    const [user] = await a.stores.users.list({ limit: 9 })
    expect(await b.auth.sessions.list(user?.id ?? "")).toHaveLength(1)
  })

  test("16 first logins of one person at once, each with an attempt of its own: one user, one identity, 16 sessions", async () => {
    const { a, b, events } = await open()
    const browsers = Array.from({ length: 16 }, (_, n) => at(n % 2 ? a : b))
    const addresses = await Promise.all(browsers.map((browser) => depart(browser, remote)))
    const answers = await race(16, [async (n) => browsers[n]?.get(addresses[n] ?? "")])
    expect(tally(answers.map((answer) => answer?.headers.get("location") ?? ""))).toEqual({ "/": 16 })
    const ids = new Set(await Promise.all(browsers.map(whoIs)))
    const users = await a.stores.users.list({ limit: 9 })
    expect([...ids]).toEqual(users.map(({ id }) => id))
    expect(users).toHaveLength(1)
    expect(await waysInto(a, users[0]?.id ?? "")).toEqual([remote.user.sub])
    expect([events("user.registered").length, events("sign_in.succeeded").length]).toEqual([1, 16])
    expect([...a.faults, ...b.faults]).toEqual([])
  })

  test("16 first logins with one address at once, each of another identity: one has the account, 15 must prove", async () => {
    const { a, b } = await open()
    const browsers = Array.from({ length: 16 }, (_, n) => at(n % 2 ? a : b))
    const addresses: string[] = []
    for (const [n, browser] of browsers.entries()) {
      remote.user = person(`${n}`)
      addresses.push(await depart(browser, remote))
    }
    const answers = await race(16, [async (n) => browsers[n]?.get(addresses[n] ?? "")])
    expect(tally(answers.map((answer) => answer?.headers.get("location") ?? ""))).toEqual({
      "/": 1,
      "/link-account?provider=remote": 15,
    })
    const users = await a.stores.users.list({ limit: 9 })
    expect(users).toHaveLength(1)
    expect(await waysInto(b, users[0]?.id ?? "")).toHaveLength(1)
    expect((await Promise.all(browsers.map(whoIs))).filter(Boolean)).toHaveLength(1)
  })

  test.each(["one session", "a session each"])(
    "16 unlinks of different identities of one user at once, by %s: a way in stays",
    async (by) => {
      const { a, b, events } = await open()
      const browser = at(a)
      for (let n = 0; n < 16; n++) {
        remote.user = person(`${n}`)
        expect(await trip(browser, remote, n > 0)).toMatch(/^\/(account\?notice=identity_linked)?$/)
      }
      const userId = (await whoIs(browser)) ?? ""
      const identities = await a.auth.flows.oauth.identities(userId)
      const browsers = [browser]
      for (let n = 1; n < 16 && by !== "one session"; n++) {
        const another = at(n % 2 ? a : b)
        await trip(another, remote)
        browsers.push(another)
      }
      const unlink = async (there: TestClient | undefined, n: number): Promise<string> => {
        const json = { identity: identities[n]?.id }
        return reasonOf((await there?.post("/auth/oauth/unlink", { json })) as Response)
      }
      const reasons = await race(16, [
        (n) =>
          by === "one session"
            ? insisting(
                browser,
                (mine) => at(n % 2 ? a : b, mine),
                (there) => unlink(there, n),
              )
            : unlink(browsers[n], n),
      ])
      const left = await waysInto(b, userId)
      expect(left.length).toBeGreaterThan(0)
      const { ok = 0, last_way_in: last = 0, not_signed_in: out = 0 } = tally(reasons)
      expect([ok + last + out, left.length]).toEqual([16, 16 - ok])
      if (by === "one session") expect([ok, last]).toEqual([15, 1])
      expect(events("identity.unlinked")).toHaveLength(ok)
      remote.user = person(left[0] ?? "")
      expect(await trip(at(b), remote)).toBe("/")
    },
  )

  test("16 confirmations of one identity at once: one, linked once", async () => {
    const { a, b, events } = await open()
    await registered(a)
    const browser = at(a)
    expect(await trip(browser, remote)).toBe("/link-account?provider=remote")
    await browser.post("/auth/login", { json: ada })
    const browsers = Array.from({ length: 16 }, (_, n) => at(n % 2 ? a : b, browser))
    const reasons = await race(16, [
      async (n) => reasonOf((await browsers[n]?.post("/auth/oauth/confirm", { json: {} })) as Response),
    ])
    expect(tally(reasons)).toEqual({ ok: 1, not_found: 15 })
    expect(await waysInto(b, (await whoIs(browser)) ?? "")).toEqual([remote.user.sub, "password"].sort())
    expect(events("identity.linked")).toHaveLength(1)
  })

  test("16 claims of one identity at once, out of one browser: one", async () => {
    const { a, b, events } = await open()
    const squatter = await registered(a)
    const userId = (await whoIs(squatter)) ?? ""
    remote.user = verified
    const browser = at(a)
    await trip(browser, remote)
    const browsers = Array.from({ length: 16 }, (_, n) => at(n % 2 ? a : b, browser))
    const reasons = await race(16, [async (n) => claimedBy(browsers[n])])
    expect(tally(reasons)).toEqual({ ok: 1, not_found: 15 })
    expect(await waysInto(b, userId)).toEqual(["owner"])
    expect(events("identity.claimed")).toHaveLength(1)
    expect((await Promise.all([squatter, ...browsers].map(whoIs))).filter(Boolean)).toEqual([userId])
  })

  test("16 claims of one account at once, each by another identity: whoever comes second finds it verified", async () => {
    const { a, b, events } = await open()
    const squatter = await registered(a)
    const userId = (await whoIs(squatter)) ?? ""
    const browsers = Array.from({ length: 16 }, (_, n) => at(n % 2 ? a : b))
    for (const [n, browser] of browsers.entries()) {
      remote.user = person(`${n}`)
      await trip(browser, remote)
    }
    const reasons = await race(16, [async (n) => claimedBy(browsers[n])])
    expect(tally(reasons)).toEqual({ ok: 1, oauth_link_required: 15 })
    expect(await waysInto(b, userId)).toEqual([`${reasons.indexOf("ok")}`])
    expect(events("identity.claimed")).toHaveLength(1)
    expect((await Promise.all([squatter, ...browsers].map(whoIs))).filter(Boolean)).toEqual([userId])
  })

  test("8 claims and 8 confirmations of one identity at once: one of them, wholly", async () => {
    for (let round = 0; round < 4; round++) {
      const { a, b } = await open()
      const password = await registered(a)
      const userId = (await whoIs(password)) ?? ""
      remote.user = verified
      const browser = at(a)
      await trip(browser, remote)
      const proving = at(a, browser)
      proving.cookies.set("__Host-session", password.cookies.get("__Host-session") ?? "")
      const claim = async (): Promise<string> => claimedBy(at(a, browser))
      const confirm = async (): Promise<string> =>
        reasonOf(await at(b, proving).post("/auth/oauth/confirm", { json: {} }))
      const first = round % 2
      const answers = await race(16, first === 0 ? [claim, confirm] : [confirm, claim])
      const [claims, confirmations] = [first, 1 - first].map((at) => answers.filter((_, n) => n % 2 === at))
      const [claimed, confirmed] = [claims?.includes("ok"), confirmations?.includes("ok")]
      expect(tally(answers)["ok"]).toBe(1)
      expect(await waysInto(b, userId)).toEqual(claimed ? ["owner"] : ["owner", "password"])
      expect(await whoIs(proving)).toBe(confirmed ? userId : undefined)
      expect((await a.auth.flows.password.signIn(ada)).ok).toBe(confirmed)
      expect((await a.stores.users.find(userId))?.emailVerifiedAt).not.toBeNull()
      await shut()
    }
  })

  test("a claim against 5 links and 10 sign-ins of whoever was there first: they are out", async () => {
    for (let round = 0; round < 4; round++) {
      const { a, b } = await open()
      const squatter = await registered(a)
      const userId = (await whoIs(squatter)) ?? ""
      remote.user = person("666", "squatter@example.com")
      await trip(squatter, remote, true)
      const links: string[] = []
      for (let n = 0; n < 5; n++) {
        remote.user = person(`link-${n}`, "accomplice@example.com")
        links.push(await depart(squatter, remote, true))
      }
      remote.user = person("666", "squatter@example.com")
      const entering = await Promise.all(
        Array.from({ length: 5 }, async (_, n) => {
          const browser = at(n % 2 ? a : b)
          return { browser, address: await depart(browser, remote) }
        }),
      )
      remote.user = verified
      const owner = at(b)
      await trip(owner, remote)
      const tokens: string[] = []
      const [claimed] = await Promise.all([
        owner.post("/auth/oauth/claim", { json: {} }),
        ...links.map((address, n) => at(n % 2 ? b : a, squatter).get(address)),
        ...entering.map(({ address, browser }) => browser.get(address)),
        ...Array.from({ length: 5 }, async (_, n) => {
          const outcome = await (n % 2 ? a : b).auth.flows.password.signIn(ada)
          if (outcome.ok) tokens.push(outcome.session.token)
        }),
      ])
      expect([round, claimed.status]).toEqual([round, 200])
      expect([round, await waysInto(a, userId)]).toEqual([round, ["owner"]])
      expect(await whoIs(owner)).toBe(userId)
      for (const browser of [squatter, ...entering.map((one) => one.browser)])
        expect(await whoIs(browser)).not.toBe(userId)
      for (const token of tokens) expect(await b.auth.sessions.read(token)).toBeUndefined()
      expect(await a.auth.sessions.list(userId)).toHaveLength(1)
      await shut()
    }
  })

  test("one identity linked by two users, 8 times each at once: one of them has it", async () => {
    const { a, b, events } = await open()
    const [adas, bobs] = [await registered(a), await registered(b, "bob@example.com")]
    remote.user = person("shared", "shared@example.com")
    const attempts: { browser: TestClient; address: string }[] = []
    for (let n = 0; n < 16; n++) {
      const browser = n % 2 ? adas : bobs
      attempts.push({ browser, address: await depart(browser, remote, true) })
    }
    const answers = await race(16, [
      async (n) => {
        const { address = "", browser } = attempts[n] ?? {}
        return (await at(n % 4 < 2 ? a : b, browser).get(address)).headers.get("location") ?? ""
      },
    ])
    expect(tally(answers)).toEqual({
      "/account?notice=identity_linked": 8,
      "/account?error=identity_taken&provider=remote": 8,
    })
    const ways = [await waysInto(a, (await whoIs(adas)) ?? ""), await waysInto(a, (await whoIs(bobs)) ?? "")]
    expect(ways.flat().filter((way) => way === "shared")).toHaveLength(1)
    expect(events("identity.linked")).toHaveLength(1)
  })

  test("16 ask for a token that is about to end: one refresh, one token", async () => {
    const { a, b } = await open()
    let grants = 0
    remote.lie({ token: (truth) => ({ ...truth, expires_in: grants++ === 0 ? 30 : 3600 }) })
    const browser = at(a)
    await trip(browser, remote)
    const userId = (await whoIs(browser)) ?? ""
    const answers = await race(16, [
      () => a.auth.flows.oauth.accessToken(userId, "remote"),
      () => b.auth.flows.oauth.accessToken(userId, "remote"),
    ])
    expect(remote.requests.token).toHaveLength(2)
    expect(answers[0]).toMatchObject({ ok: true })
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test("a dump, taken at every moment of it, holds no token, code, state, verifier or cookie", async () => {
    const { a, dump } = await open()
    const secrets = new Map<string, string>()
    remote.lie({
      token(truth) {
        for (const [name, value] of Object.entries(truth))
          if (name.endsWith("_token")) secrets.set(String(value), name)
        return truth
      },
    })
    const dumps: string[] = []
    await registered(a)
    for (const user of [person("new", "new@example.com"), verified]) {
      remote.user = user
      const browser = at(a)
      const address = await depart(browser, remote)
      dumps.push(await dump())
      await browser.get(address)
      dumps.push(await dump())
      const { searchParams } = new URL(address, "https://app.example.com")
      for (const name of ["code", "state"]) secrets.set(searchParams.get(name) ?? "", name)
      await browser.post("/auth/oauth/claim", { json: {} })
      dumps.push(await dump())
      for (const [name, value] of browser.cookies) secrets.set(value.slice(-43), name)
    }
    for (const { form } of remote.requests.token)
      secrets.set(form.get("code_verifier") ?? "", "code_verifier")
    expect(new Set(secrets.values()).size).toBeGreaterThan(7)
    for (const [value, name] of secrets)
      expect([name, value.length > 15, dumps.join("\n").includes(value)]).toEqual([name, true, false])
    expect(dumps.join("\n")).toContain("owner")
  })
})

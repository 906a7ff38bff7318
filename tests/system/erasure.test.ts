/** A life, an erasure, and a look at every row and key that is left: on real stores, with two servers. */
import { inspect } from "node:util"
import { race } from "@mortise/core/testing"
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest"
import { startHostileProvider } from "../../packages/core/test/oauth/hostile-provider/hostile-provider.js"
import { depart, signInThrough } from "../../packages/core/test/oauth/oauth-app.js"
import { type AccountCluster, type AccountServer, accountCluster, at } from "./account-servers.js"
import { wirings } from "./servers.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

let opened: AccountCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

const credentials = { email: "canary.ada@example.com", password: "correct horse battery staple" }
const person = {
  email: "canary.ada",
  work: "canary.work",
  name: "Canary Lovelace",
  subject: "canary-subject-7",
  address: "203.0.113.77",
  browser: "CanaryBrowser",
  number: "4915112345678",
  article: "Canary on locks",
}
type Canary = keyof typeof person

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

/** What of the person a text holds. */
function foundIn(text: string): readonly Canary[] {
  return (Object.keys(person) as Canary[]).filter((name) =>
    text.toLowerCase().includes(person[name].toLowerCase()),
  )
}

/** Everything that somebody may do who has an account, at both servers; and what is left half-done. */
async function live({ a, articles, b }: AccountCluster): Promise<string> {
  const browser = at(a, person.address, `${person.browser}/1.0`)
  await browser.post("/auth/register", { json: credentials })
  const user = await a.stores.users.findByEmail(credentials.email)
  const userId = user?.id ?? ""
  articles.set(userId, person.article)
  for (const password of ["wrong", "wrong again"])
    await browser.post("/auth/login", { json: { ...credentials, password } })
  expect((await browser.post("/auth/login", { json: credentials })).status).toBe(200)
  // Another device, an identity, one that waits, one that is at the provider.
  const other = at(b, person.address, `${person.browser}/2.0`)
  await other.post("/auth/login", { json: credentials })
  remote.user = {
    sub: person.subject,
    email: `${person.work}@example.com`,
    email_verified: true,
    name: person.name,
  }
  expect(await signInThrough(other, remote, { link: true })).toContain("identity_linked")
  remote.user = { ...remote.user, sub: "8", email: credentials.email }
  expect(await signInThrough(at(b, person.address, person.browser), remote)).toContain("link-account")
  await depart(at(a, person.address, person.browser), remote)
  await depart(browser, remote, { link: true })
  // Mail: a link that is used, one that is not, a wrong code, one for an address that nobody has.
  const mailing = at(b, person.address, person.browser)
  for (let n = 0; n < 2; n++) await mailing.post("/auth/magic-link", { json: { email: credentials.email } })
  await mailing.post("/auth/magic-link", { json: { email: `${person.email}+tag@example.com` } })
  await turn()
  await mailing.post("/auth/magic-link/code", { json: { code: "12345678" } })
  const token = new URL(b.links[0]?.url ?? "").searchParams.get("token")
  expect((await mailing.post("/auth/magic-link/confirm", { json: { token, claim: true } })).status).toBe(200)
  // The claim has taken everything away that was there before; so once more, and a telephone.
  remote.user = { ...remote.user, sub: person.subject, email: `${person.work}@example.com` }
  expect(await signInThrough(mailing, remote, { link: true })).toContain("identity_linked")
  await mailing.post("/auth/consents", { json: { purpose: "newsletter", version: "1" } })
  const enrol = { factor: "phone", number: `+${person.number}` }
  expect((await mailing.post("/auth/mfa/enrol", { json: enrol })).status).toBe(200)
  await turn()
  const code = b.messages.at(-1)?.code
  expect((await mailing.post("/auth/mfa/enrol/confirm", { json: { factor: "phone", code } })).status).toBe(
    200,
  )
  return userId
}

function heardBy({ events, faults }: AccountServer): string {
  return inspect([events, faults], { depth: 20, maxArrayLength: null, maxStringLength: null })
}

describe.each(wirings)("%s", { timeout: 60_000 }, (wiring) => {
  test("after an erasure no row and no key has anything of the person", async () => {
    const all = await accountCluster(wiring, remote)
    opened = all
    const { a, articles, b, dump } = all
    const userId = await live(all)

    // The scan can find: before, all of it is somewhere, but the number, which is sealed, and a name, which nobody keeps.
    expect(new Set(foundIn(await dump()))).toEqual(
      new Set(["address", "browser", "email", "subject", "work"]),
    )
    const exported = await a.auth.flows.account.export(userId)
    expect(exported.ok).toBe(true)
    expect(new Set(foundIn(JSON.stringify(exported)))).toEqual(
      new Set(["address", "article", "browser", "email", "number", "subject", "work"]),
    )

    expect(
      await b.auth.flows.account.erase(userId, { address: person.address, userAgent: person.browser }),
    ).toEqual({
      ok: true,
    })
    const left = await dump()
    expect(articles.size).toBe(0)
    expect(left.length).toBeGreaterThan(500)
    // What the log has of an address that was never the account's is not tied to it: it goes with the log's age.
    const strangers = await a.stores.audit.list({ types: ["magic_link.requested"], limit: 9 })
    const unknown = left.split("\n").filter((line) => foundIn(line).length > 0)
    for (const line of unknown) expect(nameless(line)).toBe(true)
    expect(strangers.filter(({ event }) => event.address !== "")).toHaveLength(1)
    // The id stands where it keeps somebody out, and in what is about to expire; where that is, the page says.
    const places = left.split("\n").filter((line) => line.includes(userId))
    for (const line of places) expect(line).toMatch(/:epoch |oauth:default:/)
    expect(await a.stores.audit.verify()).toMatchObject({ ok: true })
    expect(await b.auth.flows.account.export(userId)).toEqual({ ok: false, reason: "not_found" })
    // What listeners and logs were told.
    for (const server of [a, b]) {
      expect(foundIn(heardBy(server)).filter((name) => name !== "address" && name !== "browser")).toEqual([])
      expect(server.faults).toEqual([])
    }
    expect(JSON.stringify(b.events.at(-1))).toMatch(/"type":"user.erased"/)
    expect(foundIn(JSON.stringify(b.events.at(-1)))).toEqual([])
    expect(JSON.stringify(b.events.at(-1))).not.toContain(userId)
  })

  test("32 at once, at two servers: whatever was under way, nothing of hers is left", async () => {
    for (let round = 0; round < 4; round++) {
      const all = await accountCluster(wiring, remote)
      opened = all
      const { a, b } = all
      const userId = await live(all)
      const browsers = [a, b, a, b].map((server) => at(server, person.address, person.browser))
      for (const browser of browsers) {
        await a.auth.flows.password.set(userId, credentials.password)
        await browser.post("/auth/login", { json: credentials })
      }
      await a.stores.credentials.delete("phone", userId)
      const link = await mailedLink(b)
      const servers = [a, b]
      const server = (n: number): AccountServer => servers[Math.floor(n / 8) % 2] ?? a
      const erased: unknown[] = []
      await race<unknown>(32, [
        async (n) =>
          erased.push(
            await server(n)
              .auth.flows.account.erase(userId)
              .catch(() => "failed"),
          ),
        (n) =>
          server(n)
            .auth.flows.password.signIn(credentials)
            .catch(() => {}),
        (n) =>
          server(n)
            .auth.flows.password.register(credentials)
            .catch(() => {}),
        (n) => browsers[Math.floor(n / 8) % 4]?.post("/auth/refresh", { json: {} }) ?? Promise.resolve(),
        (n) =>
          server(n)
            .auth.flows.magicLink.confirm({ token: link, claim: true })
            .catch(() => {}),
        (n) => server(n).auth.flows.account.giveConsent(userId, { purpose: "newsletter", version: "1" }),
        (n) =>
          server(n)
            .auth.flows.account.export(userId)
            .catch(() => {}),
        (n) =>
          browsers[Math.floor(n / 8) % 4]?.post("/auth/mfa/enrol", {
            json: { factor: "phone", number: "+4915112345678" },
          }) ?? Promise.resolve(),
      ])
      expect(erased).toContainEqual({ ok: true })
      const { credentials: kept, consents, sessions, users } = a.stores
      expect(await users.find(userId)).toBeUndefined()
      expect(await kept.listByUser(userId)).toEqual([])
      expect(await consents.listByUser(userId)).toEqual([])
      expect(await sessions.listByUser(userId)).toEqual([])
      const anew = await users.findByEmail(credentials.email)
      expect(anew?.id).not.toBe(userId)
      for (const browser of browsers) {
        const { user } = (await (await browser.get("/auth/session")).json()) as {
          user: { id: string } | null
        }
        expect([undefined, anew?.id]).toContain(user?.id)
      }
      // What was told after the log had forgotten the id is taken out by a second call.
      await b.auth.flows.account.erase(userId)
      expect(await a.stores.audit.list({ userId, limit: 1 })).toEqual([])
      expect(await a.stores.audit.verify()).toMatchObject({ ok: true })
      await all.close()
      opened = undefined
    }
  })
})

/** A row of the log that has no user: nobody can say whose it is. */
function nameless(line: string): boolean {
  return line.includes('"user_id":null') && !line.includes("erased-")
}

async function mailedLink(server: AccountServer): Promise<string> {
  const before = server.links.length
  await server.auth.flows.magicLink.start({ email: credentials.email, locale: "en" })
  await turn()
  return new URL(server.links[before]?.url ?? "").searchParams.get("token") ?? ""
}

/** Who comes back from a provider, and whose account that opens: everything that the two sides can say of an e-mail address. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { OAuthOptions, Profile } from "../../src/oauth.js"
import { ada } from "../app.js"
import { type AccountFacts, account, causesOf, waysInto } from "./accounts.js"
import type { ProviderUser } from "./hostile-provider/authorization.js"
import { type HostileProvider, startHostileProvider } from "./hostile-provider/hostile-provider.js"
import { comeBack, depart, oauthApp, remoteOidc, signInThrough, whoIs } from "./oauth-app.js"

let remote: HostileProvider
let other: HostileProvider
beforeAll(async () => {
  remote = await startHostileProvider()
  other = await startHostileProvider()
})
beforeEach(() => {
  remote.reset()
  other.reset()
})
afterAll(async () => {
  await remote.stop()
  await other.stop()
})

const sub = "248289761001"
const addresses = {
  missing: { sub, email_verified: true },
  malformed: { sub, email: "ada at example.com", email_verified: true },
  unverified: { sub, email: ada.email, email_verified: false },
  verified: { sub, email: ada.email, email_verified: true },
} satisfies Record<string, ProviderUser>
type Address = keyof typeof addresses

const accounts = {
  none: undefined,
  "never verified": {},
  verified: { verified: true },
  "disabled, verified": { verified: true, disabled: true },
  "disabled, never verified": { disabled: true },
} satisfies Record<string, AccountFacts | undefined>
type Local = keyof typeof accounts

const creates = {
  always: true,
  never: false,
  "if verified": ({ emailVerified }: Profile) => emailVerified === true,
  "later, if verified": async ({ emailVerified }: Profile) => emailVerified === true,
  throws: () => {
    throw new Error("The host's own mistake.")
  },
  "answers no boolean": () => "yes" as unknown as boolean,
} satisfies Record<string, OAuthOptions["create"]>

interface Case {
  readonly address: Address
  readonly local: Local
  readonly onEmailMatch: "prove" | "link" | "refuse"
  readonly create: keyof typeof creates
  readonly requireVerifiedEmail: boolean
}

/** Where the browser goes, and what is left behind. */
interface Result {
  /** The redirect, or the status where there is none. */
  readonly leadsTo: string | number
  readonly causes: readonly string[]
  readonly signedInAs: "nobody" | "the account" | "a new user"
  readonly ways: readonly string[]
  readonly users: number
  readonly pending: { readonly claimable: boolean } | null
  readonly registered: boolean
  readonly linked: boolean
}

/** The rules, as the host was told them. */
function expected({ address, create, local, onEmailMatch, requireVerifiedEmail }: Case): Result {
  const before: Result = {
    leadsTo: "",
    causes: [],
    signedInAs: "nobody",
    ways: local === "none" ? [] : ["password"],
    users: local === "none" ? 0 : 1,
    pending: null,
    registered: false,
    linked: false,
  }
  const identity = `identity ${remote.issuer}|${sub}`
  const refused = (reason: string, cause: string): Result => ({
    ...before,
    leadsTo: `/sign-in?error=${reason}&provider=remote`,
    causes: [cause],
  })
  if (address === "missing" || address === "malformed") return refused("oauth_email_missing", "email_missing")
  const verified = address === "verified"
  if (!verified && requireVerifiedEmail) return refused("oauth_email_unverified", "email_unverified")
  // An address that nobody verified is nobody's: what is said of it does not depend on who has it.
  if (local === "none" || !verified) {
    if (create === "throws") return { ...before, leadsTo: 500 }
    if (create !== "always" && !(verified && create.includes("if verified")))
      return refused("registration_closed", "registration_closed")
    if (local !== "none") return refused("oauth_email_unverified", "email_unverified")
    return {
      ...before,
      leadsTo: "/workspace",
      signedInAs: "a new user",
      ways: [identity],
      users: 1,
      registered: true,
    }
  }
  if (onEmailMatch === "refuse") return refused("oauth_account_exists", "account_exists")
  if (local.startsWith("disabled")) return refused("forbidden", "disabled")
  if (onEmailMatch === "link" && local === "verified") {
    const ways = [identity, "password"]
    return { ...before, leadsTo: "/workspace", signedInAs: "the account", ways, linked: true }
  }
  return {
    ...before,
    leadsTo: "/link-account?provider=remote",
    causes: ["link_required"],
    pending: { claimable: local === "never verified" },
  }
}

async function happens({
  address,
  create,
  local,
  onEmailMatch,
  requireVerifiedEmail,
}: Case): Promise<Result> {
  const host = oauthApp(remote, { oauth: { create: creates[create], onEmailMatch, requireVerifiedEmail } })
  const facts = accounts[local]
  const holder = facts && (await account(host, facts))
  remote.user = addresses[address]
  const browser = host.browser()
  const { parameters } = await depart(browser, remote)
  const answer = await comeBack(browser, parameters)
  const id = await whoIs(browser)
  const users = await host.stores.users.list({ limit: 9 })
  const { pending } = (await (await browser.get("/auth/oauth/pending")).json()) as {
    pending: Result["pending"]
  }
  expect(host.faults).toHaveLength(answer.status === 500 ? 1 : 0)
  return {
    leadsTo: answer.headers.get("location") ?? answer.status,
    causes: causesOf(host.events),
    signedInAs: id === undefined ? "nobody" : id === holder?.id ? "the account" : "a new user",
    ways: users[0] ? await waysInto(host, users[0].id) : [],
    users: users.length,
    pending: pending && { claimable: pending.claimable },
    registered: host.events.some(({ type }) => type === "user.registered"),
    linked: host.events.some(({ type }) => type === "identity.linked"),
  }
}

describe.each(Object.keys(addresses) as Address[])("the provider's address is %s", (address) => {
  test.each(Object.keys(accounts) as Local[])(
    "the account that has it: %s",
    async (local) => {
      for (const onEmailMatch of ["prove", "link", "refuse"] as const) {
        for (const create of Object.keys(creates) as (keyof typeof creates)[]) {
          for (const requireVerifiedEmail of [true, false]) {
            const one = { address, local, onEmailMatch, create, requireVerifiedEmail }
            expect([one, await happens(one)]).toEqual([one, expected(one)])
          }
        }
      }
    },
    60_000,
  )
})

describe("an identity is issuer and subject, and nothing else", () => {
  test("the address changes at the provider: the same account, whose own address stays", async () => {
    const host = oauthApp(remote, { oauth: { requireVerifiedEmail: true } })
    const browser = host.browser()
    await signInThrough(browser, remote)
    const id = await whoIs(browser)
    for (const user of [
      { sub, email: "countess@example.com", email_verified: true },
      { sub, email: "countess@example.com", email_verified: false },
      { sub, email: "nonsense" },
      { sub },
    ] as ProviderUser[]) {
      remote.user = user
      expect(await signInThrough(browser, remote)).toBe("/workspace")
      expect(await whoIs(browser)).toBe(id)
      const [identity] = await host.auth.flows.oauth.identities(id ?? "")
      expect(identity?.email).toBe(user.email?.includes("@") ? user.email : "")
    }
    expect(await host.stores.users.find(id ?? "")).toMatchObject({ email: ada.email })
    expect(await host.stores.users.list({ limit: 9 })).toHaveLength(1)
  })

  test("a known identity gets in whatever the host decides about new ones", async () => {
    const open = oauthApp(remote)
    await signInThrough(open.browser(), remote)
    const { clock, stores } = open
    const closed = oauthApp(remote, {
      clock,
      stores,
      oauth: { create: false, onEmailMatch: "refuse", requireVerifiedEmail: true },
    })
    remote.user = { sub, email: ada.email, email_verified: false }
    expect(await signInThrough(closed.browser(), remote)).toBe("/workspace")
  })

  test("of a disabled account it opens nothing, and nothing is noted; enabled again, it does", async () => {
    const host = oauthApp(remote)
    await signInThrough(host.browser(), remote)
    const [user] = await host.stores.users.list({ limit: 1 })
    const { id = "" } = user ?? {}
    await host.auth.users.disable(id)
    const before = await host.stores.credentials.listByUser(id)
    remote.user = { sub, email: "moved@example.com", email_verified: true }
    const browser = host.browser()
    expect(await signInThrough(browser, remote)).toBe("/sign-in?error=forbidden&provider=remote")
    expect(causesOf(host.events)).toEqual(["disabled"])
    expect(await whoIs(browser)).toBeUndefined()
    expect(await host.stores.credentials.listByUser(id)).toEqual(before)
    expect(await host.stores.users.list({ limit: 9 })).toHaveLength(1)
    await host.auth.users.enable(id)
    expect(await signInThrough(browser, remote)).toBe("/workspace")
  })

  test.each(["prove", "refuse"] as const)(
    "the address goes to somebody else at the provider (%s): not their account",
    async (onEmailMatch) => {
      const host = oauthApp(remote, { oauth: { onEmailMatch } })
      await signInThrough(host.browser(), remote)
      const [owner] = await host.stores.users.list({ limit: 9 })
      remote.user = { sub: "another", email: ada.email, email_verified: true }
      const browser = host.browser()
      const location = await signInThrough(browser, remote)
      expect(location).toMatch(onEmailMatch === "prove" ? /^\/link-account/ : /error=oauth_account_exists/)
      expect(await whoIs(browser)).toBeUndefined()
      expect(await waysInto(host, owner?.id ?? "")).toEqual([`identity ${remote.issuer}|${sub}`])
    },
  )

  test("subjects are compared letter by letter", async () => {
    const host = oauthApp(remote)
    const ids = new Set<string | undefined>()
    for (const [at, one] of ["Abc", "abc", "abc|", "ABC"].entries()) {
      remote.user = { sub: one, email: `u${at}@example.com`, email_verified: true }
      const browser = host.browser()
      expect(await signInThrough(browser, remote)).toBe("/workspace")
      ids.add(await whoIs(browser))
    }
    expect(ids.size).toBe(4)
  })

  test("the same subject at another issuer is somebody else, with or without the same address", async () => {
    const network = { loopback: [remote.origin, other.origin] }
    const host = oauthApp(remote, {
      providers: [remoteOidc(remote), remoteOidc(other, "other")],
      oauth: { network },
    })
    const browser = host.browser()
    await signInThrough(browser, remote)
    const id = await whoIs(browser)

    const stranger = host.browser()
    expect(await signInThrough(stranger, other, { name: "other" })).toBe("/link-account?provider=other")
    expect(await whoIs(stranger)).toBeUndefined()
    other.user = { sub, email: "else@example.com", email_verified: true }
    expect(await signInThrough(stranger, other, { name: "other" })).toBe("/workspace")
    expect(await whoIs(stranger)).not.toBe(id)
  })

  test("two providers of one issuer lead to one account", async () => {
    const host = oauthApp(remote, { providers: [remoteOidc(remote), remoteOidc(remote, "again")] })
    const [one, two] = [host.browser(), host.browser()]
    await signInThrough(one, remote)
    expect(await signInThrough(two, remote, { name: "again" })).toBe("/workspace")
    expect(await whoIs(two)).toBe(await whoIs(one))
    expect(await host.auth.flows.oauth.identities((await whoIs(one)) ?? "")).toHaveLength(1)
  })
})

describe("spellings of one address are one account", () => {
  test.each([
    ["ada@example.com", "ADA@Example.COM"],
    ["ada@example.com", " ada@example.com "],
    ["ada@xn--bcher-kva.example", "Ada@Bücher.example"],
    ["ada@xn--bcher-kva.example", "ada@bu\u0308cher.example"],
  ])("%s and %s", async (email, spelling) => {
    for (const [first, second] of [
      [email, spelling],
      [spelling, email],
    ]) {
      const host = oauthApp(remote)
      remote.user = { sub: "1", email: first ?? "", email_verified: true }
      expect(await signInThrough(host.browser(), remote)).toBe("/workspace")
      expect((await host.stores.users.list({ limit: 9 })).map((user) => user.email)).toEqual([email])
      remote.user = { sub: "2", email: second ?? "", email_verified: true }
      expect(await signInThrough(host.browser(), remote)).toBe("/link-account?provider=remote")
      expect(await host.stores.users.list({ limit: 9 })).toHaveLength(1)
    }
  })

  test.each([
    "ada@example.com\r\nbcc: eve@example.com",
    "ada@example.com,eve@example.com",
    "ada@example.com\0",
  ])("%j is none of them", async (email) => {
    const host = oauthApp(remote)
    await account(host, { verified: true })
    remote.user = { sub, email, email_verified: true }
    expect(await signInThrough(host.browser(), remote)).toBe(
      "/sign-in?error=oauth_email_missing&provider=remote",
    )
  })
})

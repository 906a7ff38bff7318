import {
  type Auth,
  type AuthEvent,
  createAuth,
  type FlowDefinition,
  opaque,
  type Stores,
} from "@mortise/core"
import { type PasswordSlots, type PasswordSteps, password } from "@mortise/core/password"
import { type ResetSteps, resetByMail } from "@mortise/core/password-reset"
import { type MailSink, mailSink, race, testHasher } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import { ada, type Cluster, cluster, origin, wirings } from "./servers.js"

/** One server whose users can reset their passwords, over stores with connections of its own. */
interface Server {
  readonly auth: Auth<{
    readonly password: FlowDefinition<PasswordSlots | "challenges", PasswordSteps & ResetSteps>
  }>
  readonly stores: Stores
  readonly events: AuthEvent[]
  readonly faults: unknown[]
}

const many = { limit: 1000, window: "1d" } as const
const phrases = Array.from({ length: 16 }, (_, n) => `a quite different phrase, number ${n}`)

function serverOver(stores: Stores, mail: MailSink): Server {
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const reset = resetByMail({ send: mail.send, limits: { network: many, address: many } })
  const auth = createAuth({
    origin,
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores,
    sessions: opaque(),
    flows: { password: password({ hasher: testHasher(), reset }) },
    on: (event) => {
      events.push(event)
    },
    onFault: (fault) => {
      faults.push(fault)
    },
  })
  return { auth, stores, events, faults }
}

let opened: Cluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

/** How often each answer came. */
function tally(
  outcomes: readonly { readonly ok: boolean; readonly reason?: string }[],
): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { ok, reason = "" } of outcomes) {
    const answer = ok ? "ok" : reason
    counts[answer] = (counts[answer] ?? 0) + 1
  }
  return counts
}

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(verified: boolean) {
    opened = await cluster(wiring)
    const mail = mailSink()
    const [a, b] = [serverOver(opened.a.stores, mail), serverOver(opened.b.stores, mail)]
    const emailVerifiedAt = verified ? Date.now() : null
    const user = await a.stores.users.create({ email: ada.email, emailVerifiedAt, createdAt: Date.now() })
    if (!user) throw new Error("ada has an account")
    await a.auth.flows.password.set(user.id, ada.password)
    async function token(): Promise<string> {
      await a.auth.flows.password.forgot({ email: ada.email })
      const { url } = await mail.nextAccountMail("reset_password")
      return new URL(url).searchParams.get("token") ?? ""
    }
    const events = (type: string): number =>
      [...a.events, ...b.events].filter((event) => event.type === type).length
    return { a, b, events, mail, token, user, dump: opened.dump }
  }

  const opens = async ({ auth }: Server, phrase: string): Promise<boolean> =>
    (await auth.flows.password.signIn({ ...ada, password: phrase })).ok

  test.each([true, false])(
    "16 uses of one link at once (verified: %s): one password, 15 refusals",
    async (verified) => {
      const { a, b, events, mail, token, user } = await open(verified)
      const link = await token()
      const use = (server: Server) => (n: number) =>
        server.auth.flows.password.reset({ token: link, password: phrases[n] ?? "" })
      const outcomes = await race(16, [use(a), use(b)])
      const { link_expired: late = 0, link_used: used = 0, ok } = tally(outcomes)
      expect([ok, late + used]).toEqual([1, 15])
      const winner = outcomes.findIndex((outcome) => outcome.ok)
      expect(await opens(b, phrases[winner] ?? "")).toBe(true)
      expect(await opens(a, ada.password)).toBe(false)
      expect(events("password.reset")).toBe(1)
      expect((await a.stores.users.find(user.id))?.emailVerifiedAt).not.toBeNull()
      expect(await mail.nextAccountMail("notice")).toMatchObject({ notice: "password_reset" })
      expect(mail.accountMails).toHaveLength(2)
      expect([...a.faults, ...b.faults]).toEqual([])
    },
  )

  test("16 links at once: one password, and every other link is over", async () => {
    const { a, b, events, token } = await open(true)
    const links: string[] = []
    for (let n = 0; n < 16; n++) links.push(await token())
    const use = (server: Server) => (n: number) =>
      server.auth.flows.password.reset({ token: links[n], password: phrases[n] ?? "" })
    const outcomes = await race(16, [use(a), use(b)])
    const { conflict = 0, link_expired: late = 0, ok } = tally(outcomes)
    expect([ok, late + conflict]).toEqual([1, 15])
    const winner = outcomes.findIndex((outcome) => outcome.ok)
    expect(await opens(a, phrases[winner] ?? "")).toBe(true)
    expect(events("password.reset")).toBe(1)
    expect([...a.faults, ...b.faults]).toEqual([])
  })

  test("16 sign-ins with the old password while it is reset: none of them has a session afterwards", async () => {
    for (let round = 0; round < 5; round++) {
      const { a, b, token, user } = await open(true)
      const link = await token()
      await race(16, [
        (n) =>
          n === 0
            ? a.auth.flows.password.reset({ token: link, password: phrases[0] ?? "" })
            : a.auth.flows.password.signIn(ada),
        () => b.auth.flows.password.signIn(ada),
      ])
      expect(await b.auth.sessions.list(user.id)).toEqual([])
      await opened?.close()
      opened = undefined
    }
  })

  test("a dump of the stores holds no link, no part of one, and no address but the user's own", async () => {
    const { a, dump, token } = await open(true)
    const link = await token()
    const [payload = "", mac = ""] = link.split(".")
    const { id } = JSON.parse(Buffer.from(payload, "base64url").toString())
    await a.auth.flows.password.forgot({ email: "nobody.canary@example.com" })
    await a.auth.flows.password.reset({ token: link, password: phrases[0] ?? "" })
    const text = await dump()
    for (const canary of [link, payload, mac, id, "canary"]) expect(text).not.toContain(canary)
    expect(text).toContain("account-link-used")
  })
})

import { race, testClient } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import { type EmailCluster, type EmailServer, emailCluster, tally } from "./email-servers.js"
import { ada, origin, wirings } from "./servers.js"

let opened: EmailCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

const newEmail = "ada@new.example"

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(): Promise<EmailCluster> {
    opened = await emailCluster(wiring)
    return opened
  }

  const noFaults = ({ a, b }: EmailCluster): void => expect([...a.faults, ...b.faults]).toEqual([])
  const emailOf = async ({ b, userId }: EmailCluster): Promise<string | undefined> =>
    (await b.stores.users.find(userId))?.email

  /** Asks for another address, and answers the link. */
  async function changeToken(all: EmailCluster, session: string, email = newEmail): Promise<string> {
    const asked = await all.a.auth.flows.email.requestChange({ email }, { token: session })
    expect(asked).toEqual({ ok: true })
    return all.tokenMailed("confirm_email")
  }

  test("16 uses of one verification link at once: one success, 15 refusals", async () => {
    const all = await open()
    const { a, b, events, userId } = all
    await a.stores.users.update(userId, { emailVerifiedAt: null })
    await a.auth.flows.email.requestVerification({ userId })
    const token = await all.tokenMailed("verify_email")
    const use = (server: EmailServer) => () => server.auth.flows.email.verify({ token })
    expect(tally(await race(16, [use(a), use(b)]))).toEqual({ ok: 1, link_used: 15 })
    expect(events("email.verified")).toBe(1)
    expect((await b.stores.users.find(userId))?.emailVerifiedAt).toEqual(expect.any(Number))
    noFaults(all)
  })

  test("16 uses of one change link at once: one success; every session but one has ended", async () => {
    const all = await open()
    const { a, b, events, userId } = all
    const [session, other] = [await all.signIn(), await all.signIn()]
    const token = await changeToken(all, session)
    const use = (server: EmailServer) => () =>
      server.auth.flows.email.confirmChange({ token }, { token: session })
    const outcomes = await race(16, [use(a), use(b)])
    const { link_expired: late = 0, link_used: used = 0, not_signed_in: ended = 0, ok } = tally(outcomes)
    expect([ok, late + used + ended]).toEqual([1, 15])
    expect(events("email.changed")).toBe(1)
    expect(await emailOf(all)).toBe(newEmail)
    expect(await b.auth.sessions.read(other)).toBeUndefined()
    expect(await b.auth.sessions.list(userId)).toHaveLength(1)
    expect(all.mail.accountMails.filter(({ kind }) => kind === "email_changed")).toHaveLength(1)
    noFaults(all)
  })

  test("16 change links at once: one address", async () => {
    const all = await open()
    const { a, b, events } = all
    const session = await all.signIn()
    const tokens: string[] = []
    for (let n = 0; n < 16; n++) tokens.push(await changeToken(all, session, `u${n}@new.example`))
    const use = (server: EmailServer) => (n: number) =>
      server.auth.flows.email.confirmChange({ token: tokens[n] }, { token: session })
    const outcomes = await race(16, [use(a), use(b)])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    const winner = outcomes.findIndex(({ ok }) => ok)
    expect(await emailOf(all)).toBe(`u${winner}@new.example`)
    expect(events("email.changed")).toBe(1)
    noFaults(all)
  })

  test("16 undos at once, while the thief changes the address again: the owner has it, and nobody is signed in", async () => {
    for (let round = 0; round < 3; round++) {
      const all = await open()
      const { a, b, events, userId } = all
      const session = await all.signIn()
      const token = await changeToken(all, session)
      const changed = await a.auth.flows.email.confirmChange({ token }, { token: session })
      if (!changed.ok) throw new Error(changed.reason)
      const undo = await all.tokenMailed("email_changed")
      const thief = changed.session.token
      const again = await changeToken(all, thief, "third@new.example")
      const use =
        (server: EmailServer) =>
        (n: number): Promise<{ readonly ok: boolean }> =>
          n % 5 === 0
            ? server.auth.flows.email.confirmChange({ token: again }, { token: thief })
            : server.auth.flows.email.undoChange({ token: undo })
      const outcomes = await race(20, [use(a), use(b)])
      expect(outcomes.filter((one) => one.ok && "user" in one)).toHaveLength(1)
      expect(events("email.change_undone")).toBe(1)
      expect(await emailOf(all)).toBe(ada.email)
      expect(await b.auth.sessions.list(userId)).toEqual([])
      expect(await b.auth.sessions.read(thief)).toBeUndefined()
      expect((await a.auth.flows.email.confirmChange({ token: again }, { token: thief })).ok).toBe(false)
      expect(await a.stores.credentials.listByUser(userId)).toEqual([])
      noFaults(all)
      await opened?.close()
      opened = undefined
    }
  })

  test("16 uses of one link that reactivates at once: one success; and of 16 deactivations one ends it", async () => {
    const all = await open()
    const { a, b, events, userId } = all
    const session = await all.signIn()
    const close = (server: EmailServer) => () => server.auth.flows.deactivation.deactivate({ token: session })
    const closed = await race(16, [close(a), close(b)])
    expect(closed.some(({ ok }) => ok)).toBe(true)
    expect(await b.auth.sessions.list(userId)).toEqual([])
    const mails = all.mail.accountMails.filter(({ kind }) => kind === "reactivate_account")
    const tokens = mails.map((mail) => ("url" in mail ? new URL(mail.url).searchParams.get("token") : ""))
    // Several may have been let through at once: each wrote its own instant, and the last one counts.
    const peeked = await Promise.all(
      tokens.map((one) => a.auth.flows.deactivation.peek({ token: one ?? "" })),
    )
    const token = tokens[peeked.findIndex(({ ok }) => ok)] ?? ""
    const use = (server: EmailServer) => () => server.auth.flows.deactivation.reactivate({ token })
    const { link_expired: late = 0, link_used: used = 0, ok } = tally(await race(16, [use(a), use(b)]))
    expect([ok, late + used]).toEqual([1, 15])
    expect(events("user.reactivated")).toBe(1)
    expect((await b.stores.users.find(userId))?.disabledAt).toBeNull()
    noFaults(all)
  })

  test("200 wrong passwords at once from one known device: ten of its own are evaluated, five of the account's, and another device still gets in", async () => {
    const all = await open()
    const { a, b } = all
    const device = async (): Promise<string> => {
      const browser = testClient(a.auth, { origin })
      expect((await browser.post("/auth/login", { json: ada })).status).toBe(200)
      return browser.cookies.get("__Host-device") ?? ""
    }
    const [own, stolen] = [await device(), await device()]
    const before = a.hasher.computed() + b.hasher.computed()
    const attempt = ({ auth }: EmailServer, held: string, password: string): Promise<Response> => {
      const browser = testClient(auth, { origin })
      browser.cookies.set("__Host-device", held)
      return browser.post("/auth/login", { json: { ...ada, password } })
    }
    const guess = (server: EmailServer) => () => attempt(server, stolen, "wrong")
    await race(200, [guess(a), guess(b)])
    const causes = [...a.events, ...b.events].flatMap((event) =>
      event.type === "sign_in.refused" ? [event.cause] : [],
    )
    expect(causes.filter((cause) => cause === "wrong_password")).toHaveLength(15)
    expect(causes.filter((cause) => cause === "backing_off")).toHaveLength(185)
    expect(a.hasher.computed() + b.hasher.computed() - before).toBe(200)
    expect((await attempt(b, stolen, ada.password)).status).toBe(401)
    expect((await attempt(b, "", ada.password)).status).toBe(401)
    expect((await attempt(b, own, ada.password)).status).toBe(200)
    noFaults(all)
  })

  test("64 wrong passwords at once where it is asked for again: five are evaluated", async () => {
    const all = await open()
    const { a, b } = all
    const session = await all.signIn()
    const confirm = (server: EmailServer) => () =>
      server.auth.flows.password.confirm({ password: "wrong" }, { token: session })
    expect(tally(await race(64, [confirm(a), confirm(b)]))).toEqual({ wrong_password: 5, rate_limited: 59 })
    noFaults(all)
  })

  test("nothing in a dump names an address that is not an account's, or is worth anything", async () => {
    const all = await open()
    const session = await all.signIn()
    const token = await changeToken(all, session, "canary.person@example.net")
    expect(await all.dump()).not.toContain("canary")
    const changed = await all.b.auth.flows.email.confirmChange({ token }, { token: session })
    expect(changed.ok).toBe(true)
    const undo = await all.tokenMailed("email_changed")
    const text = await all.dump()
    expect(text.length).toBeGreaterThan(100)
    for (const trace of [ada.email, ...token.split("."), ...undo.split(".")]) {
      expect([trace.slice(0, 24), text.includes(trace)]).toEqual([trace.slice(0, 24), false])
    }
    for (const word of new Set(text.match(/[\w-]{16,}/g))) {
      for (const each of [word, `${undo.split(".")[0]}.${word}`]) {
        expect((await all.b.auth.flows.email.undoChange({ token: each })).ok).toBe(false)
      }
    }
  })
})

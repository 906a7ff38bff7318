import { describe, expect, test } from "vitest"
import { race } from "../../src/testing/race.js"
import { ada, eve } from "../app.js"
import {
  type EmailHost,
  emailApp,
  mailOf,
  pathIn,
  settled,
  signIn,
  tokenIn,
  verificationLink,
  withAda,
} from "./email-app.js"

const verifiedAt = async ({ stores }: EmailHost, id: string) => (await stores.users.find(id))?.emailVerifiedAt

describe("whoever registers", () => {
  test("is mailed a link to the address, off the answer's way; nobody is verified by that", async () => {
    const host = emailApp()
    const answer = await host.browser().post("/auth/register", { json: ada })
    expect(answer.status).toBe(202)
    const mail = await mailOf(host, "verify_email")
    expect(mail).toMatchObject({ to: ada.email, locale: "en", expiresAt: host.clock() + 86_400_000 })
    expect(mail.url).toMatch(/^https:\/\/app\.example\.com\/auth\/email\/verify\?token=[\w-]+\.[\w-]{43}$/)
    const user = await host.stores.users.findByEmail(ada.email)
    expect(user?.emailVerifiedAt).toBeNull()
  })

  test("with an address that is taken, causes no mail, and hears the same", async () => {
    const host = emailApp()
    await withAda(host)
    const bytesOf = async (email: string): Promise<string> => {
      const answer = await host.browser().post("/auth/register", { json: { ...eve, email } })
      await settled()
      return `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`
    }
    expect(await bytesOf(ada.email)).toBe(await bytesOf(eve.email))
    expect(host.mails.map(({ to }) => to)).toEqual([eve.email])
  })

  test("is mailed nothing where the host wants another moment, and nothing if the address is proven", async () => {
    const host = emailApp({ email: { verifyOnRegistration: false } })
    await host.auth.flows.password.register(ada)
    await settled()
    expect(host.mails).toEqual([])
    const user = await withAda(emailApp({ stores: host.stores, clock: host.clock })).catch(() => undefined)
    expect(user).toBeDefined()
    expect(await host.auth.flows.email.requestVerification({ userId: user?.id ?? "" })).toEqual({
      ok: true,
      mailed: false,
    })
    await settled()
    expect(host.mails).toEqual([])
  })

  test("hears nothing of a sender that throws or never answers, and neither does the host's log of the second", async () => {
    for (const [send, faults] of [
      [() => Promise.reject(new Error("boom")), 1],
      [() => new Promise(() => {}), 0],
    ] as const) {
      const host = emailApp({ email: { send } })
      expect((await host.auth.flows.password.register(ada)).ok).toBe(true)
      await settled()
      expect(host.faults).toHaveLength(faults)
    }
  })

  test("keeps a Worker awake until the mail has left", async () => {
    const host = emailApp()
    const work: Promise<unknown>[] = []
    await host.auth.flows.password.register(ada, { waitUntil: (one) => void work.push(one) })
    expect(work.length).toBeGreaterThan(0)
    for (let n = 0; n < work.length; n++) await work[n]
    expect(host.mails).toHaveLength(1)
  })
})

describe("asking for another mail", () => {
  test.each(["form", "json"] as const)("signed in, by %s", async (kind) => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const browser = await signIn(host)
    const answer = await browser.post("/auth/email/verify/request", { [kind]: {} })
    expect([answer.status, answer.headers.get("location")]).toEqual(
      kind === "form" ? [303, "/account?notice=verification_sent"] : [202, null],
    )
    expect((await mailOf(host, "verify_email")).to).toBe(ada.email)
    await host.stores.users.update(user.id, { emailVerifiedAt: 1 })
    const again = await browser.post("/auth/email/verify/request", { [kind]: {} })
    expect([again.status, again.headers.get("location")]).toEqual(
      kind === "form" ? [303, "/account?notice=email_verified"] : [200, null],
    )
    await settled()
    expect(host.mails).toEqual([])
  })

  test("not signed in, of nobody, and of an account that is disabled", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    expect((await host.browser().post("/auth/email/verify/request", { json: {} })).status).toBe(401)
    const { requestVerification } = host.auth.flows.email
    expect(await requestVerification({ userId: "nobody" })).toEqual({ ok: false, reason: "not_found" })
    await host.auth.users.disable(user.id)
    expect(await requestVerification({ userId: user.id })).toEqual({ ok: false, reason: "forbidden" })
    await settled()
    expect(host.mails).toEqual([])
  })

  test("of 200 at once over two instances as many are mailed as the limit says", async () => {
    const email = {
      limits: { user: { limit: 10, window: "1d" }, network: { limit: 1000, window: "1d" } },
    } as const
    const host = emailApp({ email })
    const user = await withAda(host, { verified: false })
    const twin = emailApp({ email, stores: host.stores, clock: host.clock })
    const ask = (one: EmailHost) => () => one.auth.flows.email.requestVerification({ userId: user.id })
    const outcomes = await race(200, [ask(host), ask(twin)])
    await settled()
    // One went out at registration.
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(9)
    expect([...host.mails, ...twin.mails]).toHaveLength(9)
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ reason: "rate_limited" })
  })
})

describe("the page behind the link", () => {
  test("asks whether the account is the reader's; looked at however often, it uses nothing up", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const token = await verificationLink(host, user.id)
    const path = `/auth/email/verify?token=${token}`
    const answers = await race(16, [() => host.browser().get(path), () => host.browser().send("HEAD", path)])
    for (const answer of answers) expect(answer.status).toBe(200)
    const shown = await host.browser().get(path)
    const html = await shown.text()
    expect(html).toContain("Is this your account?")
    expect(html).toContain("whoever did can go on using it")
    expect(html).toContain(`<strong>${ada.email}</strong>`)
    expect(html).toContain(`action="/auth/email/verify"`)
    expect(html).toContain(`name="token" value="${token}"`)
    expect(shown.headers.get("cache-control")).toBe("no-store")
    expect(shown.headers.get("content-security-policy")).toContain("default-src 'none'")
    expect(shown.headers.get("referrer-policy")).toBe("strict-origin")
    expect(shown.headers.getSetCookie()).toEqual([])
    expect(await verifiedAt(host, user.id)).toBeNull()
  })

  test("warns nobody who is signed in to the account, and warns whoever is signed in to another", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    await host.auth.flows.password.register(eve)
    await settled()
    host.mails.length = 0
    const path = `/auth/email/verify?token=${await verificationLink(host, user.id)}`
    const warned = async (account: typeof ada) =>
      (await (await (await signIn(host, account)).get(path)).text()).includes("whoever did can go on")
    expect([await warned(ada), await warned(eve)]).toEqual([false, true])
  })

  test("is in the user's language, else in the browser's, else in the default one", async () => {
    for (const [liked, accept, said] of [
      ["de", "en", "Ist das Ihr Konto?"],
      [undefined, "de-AT,en;q=0.5", "Ist das Ihr Konto?"],
      [undefined, "fr", "Is this your account?"],
    ] as const) {
      const host = emailApp({ email: { localeOf: () => liked } })
      const user = await withAda(host, { verified: false })
      const token = await verificationLink(host, user.id)
      const answer = await host
        .browser()
        .get(`/auth/email/verify?token=${token}`, { headers: { "accept-language": accept } })
      expect(await answer.text()).toContain(said)
    }
  })

  test("may be the host's own; if that throws, ours asks", async () => {
    for (const [page, expected, faults] of [
      [
        (view: { kind: string; email?: string | undefined }) => `own ${view.kind} ${view.email}`,
        `own verify-email ${ada.email}`,
        0,
      ],
      [
        () => {
          throw new Error("boom")
        },
        "Is this your account?",
        1,
      ],
    ] as const) {
      const host = emailApp({ email: { page } })
      const user = await withAda(host, { verified: false })
      const path = `/auth/email/verify?token=${await verificationLink(host, user.id)}`
      expect(await (await host.browser().get(path)).text()).toContain(expected)
      expect(host.faults).toHaveLength(faults)
    }
  })

  test("escapes what stands in it", async () => {
    const host = emailApp()
    const email = "o'hara&co@example.com"
    await host.auth.flows.password.register({ ...ada, email })
    const html = await (await host.browser().get(pathIn(await mailOf(host, "verify_email")))).text()
    expect(html).not.toContain(email)
    expect(html).toContain("&#38;co@example.com")
  })
})

describe("using the link", () => {
  test.each(["form", "json"] as const)(
    "by %s: the address is proven, and nobody is signed in",
    async (kind) => {
      const host = emailApp()
      const user = await withAda(host, { verified: false })
      const token = await verificationLink(host, user.id)
      const browser = host.browser()
      const answer = await browser.post("/auth/email/verify", { [kind]: { token } })
      expect([answer.status, answer.headers.get("location")]).toEqual(
        kind === "form" ? [303, "/sign-in?notice=email_verified"] : [200, null],
      )
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await verifiedAt(host, user.id)).toBe(host.clock())
      expect(host.events.at(-1)).toMatchObject({ type: "email.verified", userId: user.id })
    },
  )

  test("signed in to it, leads back to the account", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const browser = await signIn(host)
    const token = await verificationLink(host, user.id)
    const answer = await browser.post("/auth/email/verify", { form: { token } })
    expect(answer.headers.get("location")).toBe("/account?notice=email_verified")
  })

  test("16 at once over two instances: one success, one event, fifteen refusals", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const twin = emailApp({ stores: host.stores, clock: host.clock })
    const token = await verificationLink(host, user.id)
    const outcomes = await race(16, [
      () => host.auth.flows.email.verify({ token }),
      () => twin.auth.flows.email.verify({ token }),
    ])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter((one) => !one.ok && one.reason === "link_used")).toHaveLength(15)
    const told = [...host.events, ...twin.events].filter(({ type }) => type === "email.verified")
    expect(told).toHaveLength(1)
  })

  test("a second time: people read that it is done, scripts that it was used", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const token = await verificationLink(host, user.id)
    await host.auth.flows.email.verify({ token })
    const path = `/auth/email/verify?token=${token}`
    const pages = [
      await host.browser().get(path),
      await host.browser().post("/auth/email/verify", { form: { token } }),
    ]
    for (const page of pages) {
      expect(page.status).toBe(200)
      const html = await page.text()
      expect(html).toContain("There is nothing left to do.")
      expect(html).not.toContain("<form")
    }
    const answer = await host.browser().post("/auth/email/verify", { json: { token } })
    expect([answer.status, (await answer.json()).reason]).toEqual([410, "link_used"])
  })

  test("an older link is done too once the address is proven", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const [first, second] = [await verificationLink(host, user.id), await verificationLink(host, user.id)]
    expect((await host.auth.flows.email.verify({ token: second })).ok).toBe(true)
    expect(await host.auth.flows.email.verify({ token: first })).toMatchObject({ reason: "link_used" })
  })

  test("expires to the millisecond", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const token = await verificationLink(host, user.id)
    host.clock.advance(86_400_000 - 1)
    expect((await host.auth.flows.email.peek("verify-email", { token })).ok).toBe(true)
    host.clock.advance(1)
    expect(await host.auth.flows.email.verify({ token })).toMatchObject({ reason: "link_expired" })
    expect(await verifiedAt(host, user.id)).toBeNull()
  })

  /** What may have happened since the mail left, and what the reader of the link hears. */
  const since: Readonly<
    Record<string, readonly [reason: string, (host: EmailHost, id: string) => Promise<unknown>]>
  > = {
    "the account is gone": ["link_expired", ({ stores }, id) => stores.users.delete(id)],
    "it has another address": [
      "link_expired",
      ({ stores }, id) => stores.users.update(id, { email: "other@example.com" }),
    ],
    "it has another address, proven": [
      "link_expired",
      ({ stores }, id) => stores.users.update(id, { email: "other@example.com", emailVerifiedAt: 1 }),
    ],
    "it is disabled": ["forbidden", ({ auth }, id) => auth.users.disable(id)],
    "it is proven otherwise": [
      "link_used",
      ({ stores }, id) => stores.users.update(id, { emailVerifiedAt: 1 }),
    ],
  }

  test.each(Object.keys(since))("%s: nothing is written, and the event says why", async (name) => {
    const [reason, happens] = since[name] ?? []
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const token = await verificationLink(host, user.id)
    await happens?.(host, user.id)
    const before = await host.stores.users.find(user.id)
    expect(await host.auth.flows.email.verify({ token })).toEqual({ ok: false, reason })
    expect(await host.stores.users.find(user.id)).toEqual(before)
    expect(host.events.at(-1)).toMatchObject({ type: "email.refused", userId: user.id })
    const page = await host.browser().get(`/auth/email/verify?token=${token}`)
    expect(page.status).toBe({ link_expired: 410, forbidden: 403, link_used: 200 }[reason ?? ""])
  })

  test("whatever comes between look and write, no address is proven that was not in the mail", async () => {
    const host = emailApp()
    const user = await withAda(host, { verified: false })
    const token = await verificationLink(host, user.id)
    const other = "other@example.com"
    const challenges = {
      ...host.stores.challenges,
      async add(key: string, value: string, expiresAt: number) {
        if (key.startsWith("account-link-used")) await host.stores.users.update(user.id, { email: other })
        return host.stores.challenges.add(key, value, expiresAt)
      },
    }
    const meddled = emailApp({ stores: { ...host.stores, challenges }, clock: host.clock })
    expect(await meddled.auth.flows.email.verify({ token })).toMatchObject({ reason: "link_expired" })
    expect(await host.stores.users.find(user.id)).toMatchObject({ email: other, emailVerifiedAt: null })
  })

  test("a new secret in front leaves links of the old one good", async () => {
    const old = "an-old-secret-of-32-characters-0123456789"
    const host = emailApp({ secret: old })
    const user = await withAda(host, { verified: false })
    const token = await verificationLink(host, user.id)
    const secret = ["a-fresh-secret-of-32-characters-98765432", old] as const
    const later = emailApp({ secret, stores: host.stores, clock: host.clock })
    expect((await later.auth.flows.email.verify({ token })).ok).toBe(true)
  })
})

test("the mail's own words lead nowhere else: no host header changes the link", async () => {
  const host = emailApp()
  const headers = { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" }
  await host.browser().post("/auth/register", { json: ada, headers })
  expect(tokenIn(await mailOf(host, "verify_email"))).not.toBe("")
  expect(JSON.stringify(host.mails)).not.toContain("evil.example")
})

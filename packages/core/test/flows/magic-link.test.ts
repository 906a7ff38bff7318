import { describe, expect, test } from "vitest"
import { race } from "../../src/testing/race.js"
import { ada, origin } from "../app.js"
import { attemptIn, mailApp, pathIn, settled, tokenIn, userIn } from "../magic-link/mail-app.js"

const minute = 60_000

describe("asking for a link", () => {
  test("answers 202, mails link and code in the page's language, and stores nothing about anybody", async () => {
    const host = mailApp()
    const mail = await host.mailTo(" Ada@Example.COM ", host.browser(), { locale: "de", return_to: "/a?b=1" })
    expect(mail).toEqual({
      to: "ada@example.com",
      url: expect.stringContaining(`${origin}/auth/magic-link/confirm?token=`),
      code: expect.stringMatching(/^\d{8}$/),
      locale: "de",
      expiresAt: host.clock() + 10 * minute,
      metadata: undefined,
    })
    expect(await host.stores.users.list({ limit: 10 })).toEqual([])
    expect(host.events.map(({ type }) => type)).toEqual(["magic_link.requested"])
  })

  test("as a form it leads back to the page in its language, without JavaScript", async () => {
    const host = mailApp()
    const form = { email: ada.email, locale: "de", return_to: "/x" }
    const answer = await host.browser().post("/auth/magic-link", { form })
    expect([answer.status, answer.headers.get("location")]).toEqual([
      303,
      "/de/login?notice=link_sent&return_to=%2Fx",
    ])
  })

  test.each<[string, Record<string, unknown>, string]>([
    ["no address", { locale: "de" }, "invalid_request"],
    ["a list for the address", { email: [ada.email] }, "invalid_request"],
    ["no address at all", { email: "ada" }, "invalid_email"],
    ["two addresses", { email: "ada@example.com,eve@example.com" }, "invalid_email"],
    ["a header in the address", { email: "ada@example.com\r\nBcc: eve@example.com" }, "invalid_email"],
    ["a language that the host does not have", { email: ada.email, locale: "fr" }, "invalid_request"],
    ["a language that is none", { email: ada.email, locale: { de: 1 } }, "invalid_request"],
  ])("refuses %s", async (_, json, reason) => {
    const host = mailApp()
    const answer = await host.browser().post("/auth/magic-link", { json })
    expect(await answer.json()).toMatchObject({ reason })
    await settled()
    expect(host.mails).toEqual([])
  })

  test("a form that is refused comes back to its page, in its language", async () => {
    const form = { email: "ada", locale: "de", return_to: "/x" }
    const answer = await mailApp().browser().post("/auth/magic-link", { form })
    expect(answer.headers.get("location")).toBe("/de/login?error=invalid_email&return_to=%2Fx")
  })

  test("says the same to everybody: unknown, known, disabled, never verified", async () => {
    const host = mailApp()
    await host.auth.flows.password.register(ada)
    const known = await host.stores.users.create({ email: "k@example.com", emailVerifiedAt: 1, createdAt: 1 })
    const gone = await host.stores.users.create({ email: "d@example.com", emailVerifiedAt: 1, createdAt: 1 })
    await host.auth.users.disable(gone?.id ?? "")
    const answers = new Set<string>()
    for (const email of ["nobody@example.com", known?.email, gone?.email, ada.email]) {
      const answer = await host.browser().post("/auth/magic-link", { json: { email } })
      const headers = [...answer.headers].map(([name, value]) =>
        name === "set-cookie"
          ? value.replace(/=[^;]*/, `=${value.split(";")[0]?.length}`).replace(/\d{3}/, "")
          : value,
      )
      answers.add(`${answer.status} ${headers.length} ${await answer.text()}`)
    }
    await settled()
    expect(answers.size).toBe(1)
    expect(host.mails).toHaveLength(4)
  })

  test("a mail that cannot be sent is a fault of the host's, and no answer to the visitor", async () => {
    const host = mailApp({ magicLink: { send: () => Promise.reject(new Error("no mail today")) } })
    const answer = await host.browser().post("/auth/magic-link", { json: { email: ada.email } })
    await settled()
    expect(answer.status).toBe(202)
    expect(host.faults).toEqual([new Error("no mail today")])
  })

  test("a sender that throws is the same", async () => {
    const host = mailApp({
      magicLink: {
        send: () => {
          throw new Error("no mail today")
        },
      },
    })
    expect((await host.browser().post("/auth/magic-link", { json: { email: ada.email } })).status).toBe(202)
    await settled()
    expect(host.faults).toEqual([new Error("no mail today")])
  })

  test("the answer does not wait for the mail, and the runtime is told to", async () => {
    let finish = (): void => {}
    const hanging = new Promise<void>((resolve) => {
      finish = resolve
    })
    const host = mailApp({ magicLink: { send: () => hanging } })
    const works: Promise<unknown>[] = []
    const request = new Request(`${origin}/auth/magic-link`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: ada.email }),
    })
    const answer = await host.auth.handle(request, "192.0.2.1", (work) => works.push(work))
    expect(answer.status).toBe(202)
    expect(works).toHaveLength(1)
    let over = false
    void works[0]?.then(() => {
      over = true
    })
    await settled()
    expect(over).toBe(false)
    finish()
    await works[0]
  })
})

describe("opening the link", () => {
  test("one click in the browser that asked: makes the user, verified, and signs in on the language's page", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser, { locale: "de" })
    const answer = await browser.get(pathIn(mail))
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/de/dashboard"])
    expect(await userIn(browser)).toBeDefined()
    expect(await host.stores.users.findByEmail(ada.email)).toMatchObject({ emailVerifiedAt: host.clock() })
    expect(host.events.map(({ type }) => type)).toEqual([
      "magic_link.requested",
      "user.registered",
      "session.opened",
      "sign_in.succeeded",
    ])
  })

  test("goes where the visitor wanted to go", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser, { return_to: "/board?x=1#y" })
    expect((await browser.get(pathIn(mail))).headers.get("location")).toBe("/board?x=1#y")
  })

  test("the second time it finds the user", async () => {
    const host = mailApp()
    for (let round = 0; round < 2; round++) {
      const browser = host.browser()
      const mail = await host.mailTo(ada.email, browser)
      expect((await browser.get(pathIn(mail))).status).toBe(303)
    }
    expect(await host.stores.users.list({ limit: 10 })).toHaveLength(1)
  })

  test("elsewhere it shows a page in the link's language, whose button signs in", async () => {
    const host = mailApp()
    const mail = await host.mailTo(ada.email, host.browser(), { locale: "de" })
    const phone = host.browser()
    const page = await phone.get(pathIn(mail))
    const html = await page.text()
    expect(page.status).toBe(200)
    expect(html).toContain('<html lang="de">')
    expect(html).toContain(ada.email)
    expect(html).toContain('<form method="post" action="/auth/magic-link/confirm">')
    expect(page.headers.getSetCookie()).toEqual([])
    expect(await host.stores.users.list({ limit: 10 })).toEqual([])
    const posted = await phone.post("/auth/magic-link/confirm", { form: { token: tokenIn(mail) } })
    expect([posted.status, posted.headers.get("location")]).toEqual([303, "/de/dashboard"])
    expect(await userIn(phone)).toBeDefined()
  })

  test.each<[string, string, Record<string, string>]>([
    ["HEAD", "HEAD", {}],
    ["a prefetch", "GET", { "sec-purpose": "prefetch" }],
    ["a prerender", "GET", { "sec-purpose": "prefetch;prerender" }],
    ["an old browser's prefetch", "GET", { purpose: "prefetch" }],
    [
      "a picture",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    ],
    [
      "a frame",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    ],
    [
      "a script",
      "GET",
      { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
    ],
  ])(
    "%s signs nobody in, even in the browser that asked, and uses nothing up",
    async (_, method, headers) => {
      const host = mailApp()
      const browser = host.browser()
      const mail = await host.mailTo(ada.email, browser)
      const answer = await browser.send(method, pathIn(mail), { headers })
      expect(answer.status).toBe(200)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await host.stores.users.list({ limit: 10 })).toEqual([])
      expect((await browser.get(pathIn(mail))).status).toBe(303)
    },
  )

  test("both links of one browser take one click", async () => {
    const host = mailApp()
    const browser = host.browser()
    const first = await host.mailTo(ada.email, browser)
    await host.mailTo(ada.email, browser)
    expect((await browser.get(pathIn(first))).status).toBe(303)
  })

  test("a session of somebody else's in this browser ends", async () => {
    const host = mailApp()
    const browser = host.browser()
    const eve = await host.mailTo("eve@example.com", browser)
    await browser.get(pathIn(eve))
    const before = browser.cookieHeader()
    const mail = await host.mailTo(ada.email, browser)
    await browser.get(pathIn(mail))
    expect(before).toContain("__Host-session")
    expect(await userIn(host.browser(), { cookie: before })).toBeUndefined()
    expect(await userIn(browser)).toBeDefined()
  })

  test("a script posts the token and hears who signed in, and never the session's token", async () => {
    const host = mailApp()
    const mail = await host.mailTo(ada.email, host.browser(), { locale: "de" })
    const browser = host.browser()
    const answer = await browser.post("/auth/magic-link/confirm", { json: { token: tokenIn(mail) } })
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ user: { id: expect.any(String) }, locale: "de" })
    expect(text).not.toContain(browser.cookies.get("__Host-session"))
  })
})

describe("a link that does not work", () => {
  type Spoil = (mail: { url: string }, host: ReturnType<typeof mailApp>) => Promise<string> | string
  const spoilt: readonly (readonly [string, number, RegExp, Spoil])[] = [
    [
      "was used",
      410,
      /schon benutzt/,
      async (mail, host) => {
        await host.browser().post("/auth/magic-link/confirm", { form: { token: tokenIn(mail) } })
        return tokenIn(mail)
      },
    ],
    [
      "has expired, to the millisecond",
      410,
      /abgelaufen/,
      (mail, host) => {
        host.clock.advance(10 * minute)
        return tokenIn(mail)
      },
    ],
    ["was changed", 400, /unvollständig/, (mail) => changed(tokenIn(mail))],
    ["was cut", 400, /unvollständig/, (mail) => tokenIn(mail).slice(0, -1)],
    ["was drawn out", 400, /unvollständig/, (mail) => `${tokenIn(mail)}.x`],
    [
      "is of another secret",
      400,
      /unvollständig/,
      async () => {
        const other = mailApp({ secret: "another-secret-of-32-characters-0123456789" })
        return tokenIn(await other.mailTo(ada.email, other.browser(), { locale: "de" }))
      },
    ],
    [
      "is of another realm",
      400,
      /unvollständig/,
      async () => {
        const other = mailApp({ realm: "admin" })
        return tokenIn(await other.mailTo(ada.email, other.browser(), { locale: "de" }))
      },
    ],
    [
      "is of another origin",
      400,
      /unvollständig/,
      async () => {
        const other = mailApp({ origin: "https://other.example.com" })
        return tokenIn(await other.mailTo(ada.email, other.browser(), { locale: "de" }))
      },
    ],
    ["is none", 400, /unvollständig/, () => ""],
    ["is endless", 400, /unvollständig/, (mail) => tokenIn(mail) + "x".repeat(5000)],
  ]

  test.each(spoilt)(
    "that %s gets a page in its language, with a way to ask anew",
    async (_, status, text, spoil) => {
      const host = mailApp()
      const browser = host.browser()
      const mail = await host.mailTo(ada.email, browser, { locale: "de" })
      const token = await spoil(mail, host)
      const before = (await host.stores.users.list({ limit: 10 })).length
      const german = { "accept-language": "de-DE,de;q=0.9,en;q=0.1" }
      const clicked = await browser.get(`/auth/magic-link/confirm?token=${token}`, { headers: german })
      const posted = await browser.post("/auth/magic-link/confirm", { form: { token }, headers: german })
      for (const answer of [clicked, posted]) {
        expect(answer.status).toBe(status)
        const html = await answer.text()
        expect(html).toContain('lang="de"')
        expect(html).toMatch(text)
        expect(html).toContain('<a href="/de/login">')
      }
      expect(browser.cookies.has("__Host-session")).toBe(false)
      expect((await host.stores.users.list({ limit: 10 })).length).toBe(before)
    },
  )

  test("is good until the last millisecond", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    host.clock.advance(10 * minute - 1)
    expect((await browser.get(pathIn(mail))).status).toBe(303)
  })

  test("a script hears a problem", async () => {
    const answer = await mailApp()
      .browser()
      .post("/auth/magic-link/confirm", { json: { token: "x.y" } })
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ reason: "link_invalid" }),
    ])
  })

  test("what is good for a code is no link, and a link is no session token", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const attempt = attemptIn(browser)
    expect(attempt.split(".")[0]).toBe(tokenIn(mail).split(".")[0])
    const posted = await host.browser().post("/auth/magic-link/confirm", { json: { token: attempt } })
    expect(await posted.json()).toMatchObject({ reason: "link_invalid" })
    const cookie = `__Host-session=${tokenIn(mail)}`
    expect(await userIn(host.browser(), { cookie })).toBeUndefined()
  })

  test("rotating the secret keeps links alive, removing it ends them", async () => {
    const old = "an-old-secret-of-32-characters-0123456789"
    const fresh = "a-fresh-secret-of-32-characters-98765432"
    const before = mailApp({ secret: old })
    const mail = await before.mailTo(ada.email, before.browser())
    const body = { json: { token: tokenIn(mail) } }
    const { clock, stores } = before
    const without = mailApp({ secret: fresh, clock, stores })
    expect((await without.browser().post("/auth/magic-link/confirm", body)).status).toBe(400)
    const rotated = mailApp({ secret: [fresh, old], clock, stores })
    expect((await rotated.browser().post("/auth/magic-link/confirm", body)).status).toBe(200)
  })
})

describe("parallel clicks", () => {
  test("of sixteen on one link one gets in, one user is made, one success is reported", async () => {
    const host = mailApp()
    const mail = await host.mailTo(ada.email, host.browser())
    const again = mailApp({ clock: host.clock, stores: host.stores })
    const confirm = (one: typeof host) => () => one.auth.flows.magicLink.confirm({ token: tokenIn(mail) })
    const outcomes = await race(16, [confirm(host), confirm(again)])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter((one) => !one.ok && one.reason === "link_used")).toHaveLength(15)
    expect(await host.stores.users.list({ limit: 10 })).toHaveLength(1)
    const all = [...host.events, ...again.events]
    expect(all.filter(({ type }) => type === "sign_in.succeeded")).toHaveLength(1)
    expect(all.filter(({ type }) => type === "user.registered")).toHaveLength(1)
  })

  test("of sixteen links to one new address, each gets in, and one user is made", async () => {
    const host = mailApp({
      magicLink: { limits: { address: { limit: 16, window: "1h" }, mailbox: { limit: 16, window: "1h" } } },
    })
    const mails = []
    for (let round = 0; round < 16; round++) mails.push(await host.mailTo(ada.email, host.browser()))
    const outcomes = await race(
      16,
      mails.map((mail) => () => host.auth.flows.magicLink.confirm({ token: tokenIn(mail) })),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(16)
    expect(await host.stores.users.list({ limit: 10 })).toHaveLength(1)
    expect(host.events.filter(({ type }) => type === "user.registered")).toHaveLength(1)
  })

  test("the code and the link of one mail let one in together", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const attempt = attemptIn(browser)
    const outcomes = await race(2, [
      () => host.auth.flows.magicLink.confirm({ token: tokenIn(mail) }),
      () => host.auth.flows.magicLink.confirmCode({ code: mail.code ?? "", attempt }),
    ])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  })
})

describe("the code", () => {
  test("signs in the browser that asked, however people group its digits", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser, { locale: "de" })
    const code = `${mail.code?.slice(0, 4)} ${mail.code?.slice(4)}`
    const answer = await browser.post("/auth/magic-link/code", { form: { code } })
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/de/dashboard"])
  })

  test("is worth nothing in another browser", async () => {
    const host = mailApp()
    const mail = await host.mailTo(ada.email, host.browser())
    const elsewhere = host.browser()
    await host.mailTo("eve@example.com", elsewhere)
    const answer = await elsewhere.post("/auth/magic-link/code", { json: { code: mail.code } })
    expect(await answer.json()).toMatchObject({ reason: "code_invalid" })
    const none = await host.browser().post("/auth/magic-link/code", { json: { code: mail.code } })
    expect(await none.json()).toMatchObject({ reason: "code_expired" })
  })

  test("a wrong one leads back to the page, in its language", async () => {
    const host = mailApp()
    const browser = host.browser()
    await host.mailTo(ada.email, browser, { locale: "de" })
    const answer = await browser.post("/auth/magic-link/code", { form: { code: "1" } })
    expect(answer.headers.get("location")).toBe("/de/login?error=code_invalid")
  })

  test("sixteen at once: five are looked at, then the right one is refused too, and the link still works", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const attempt = attemptIn(browser)
    const code = changedDigit(mail.code ?? "")
    const outcomes = await race(16, [() => host.auth.flows.magicLink.confirmCode({ code, attempt })])
    const reasons = outcomes.map((one) => (one.ok ? "ok" : one.reason))
    expect(reasons.filter((one) => one === "code_invalid")).toHaveLength(5)
    expect(reasons.filter((one) => one === "code_exhausted")).toHaveLength(11)
    const right = await browser.post("/auth/magic-link/code", { json: { code: mail.code } })
    expect(await right.json()).toMatchObject({ reason: "code_exhausted" })
    expect((await browser.get(pathIn(mail))).status).toBe(303)
  })

  test("asking again does not reset what was tried of the mailbox", async () => {
    const host = mailApp({ magicLink: { limits: { codes: { limit: 7, window: "1h" } } } })
    const reasons: string[] = []
    for (let round = 0; round < 2; round++) {
      const browser = host.browser()
      const mail = await host.mailTo(ada.email, browser)
      for (let attempt = 0; attempt < 5; attempt++) {
        const code = changedDigit(mail.code ?? "")
        const answer = await browser.post("/auth/magic-link/code", { json: { code } })
        reasons.push((await answer.json()).reason)
      }
    }
    expect(reasons.filter((one) => one === "code_invalid")).toHaveLength(7)
    expect(reasons.slice(7)).toEqual(["code_exhausted", "code_exhausted", "code_exhausted"])
  })

  test("ends with its link", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    host.clock.advance(10 * minute)
    const answer = await browser.post("/auth/magic-link/code", { json: { code: mail.code } })
    expect(await answer.json()).toMatchObject({ reason: "code_expired" })
  })

  test("is not there where the host does not want it", async () => {
    const host = mailApp({ magicLink: { code: false } })
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    expect(mail.code).toBeUndefined()
    expect(browser.cookies.get("__Host-magic-link")).toMatch(/^[\w-]{22}\.[\da-z]+\.[\w-]{43}$/)
    const answer = await browser.post("/auth/magic-link/code", { json: { code: "00000000" } })
    expect(answer.status).toBe(404)
  })
})

function changed(token: string): string {
  const [payload = "", mac = ""] = token.split(".")
  const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")))
  const altered = btoa(JSON.stringify({ ...claims, email: "eve@example.com" }))
  return `${altered.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.${mac}`
}

function changedDigit(code: string): string {
  return `${(Number(code[0]) + 1) % 10}${code.slice(1)}`
}

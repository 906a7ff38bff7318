import { describe, expect, test } from "vitest"
import { race } from "../../src/testing/race.js"
import { ada } from "../app.js"
import { attemptIn, mailApp, tokenIn } from "./mail-app.js"

const hour = 3_600_000

async function ask(host: ReturnType<typeof mailApp>, email: string, peer: string): Promise<number> {
  return (await host.browser(peer).post("/auth/magic-link", { json: { email } })).status
}

describe("how many mails", () => {
  test("five of an address in a quarter of an hour, wherever they are asked for", async () => {
    const host = mailApp()
    const answers: number[] = []
    for (let one = 0; one < 6; one++) answers.push(await ask(host, ada.email, `192.0.2.${one}`))
    expect(answers).toEqual([202, 202, 202, 202, 202, 429])
    host.clock.advance(hour / 4)
    expect(await ask(host, ada.email, "192.0.2.9")).toBe(202)
  })

  test("ten of a mailbox's aliases in an hour; they take nothing from the address itself", async () => {
    const host = mailApp()
    const answers: number[] = []
    for (let one = 0; one < 11; one++)
      answers.push(await ask(host, `ada+${one}@example.com`, `192.0.2.${one}`))
    expect(answers.filter((status) => status === 202)).toHaveLength(10)
    expect(answers.at(-1)).toBe(429)
    expect(await ask(host, ada.email, "192.0.2.99")).toBe(202)
  })

  test("a dot is another person, but not at Google", async () => {
    const host = mailApp({ magicLink: { limits: { mailbox: { limit: 2, window: "1h" } } } })
    const asked = async (...emails: readonly string[]) => {
      const answers: number[] = []
      for (const [one, email] of emails.entries()) answers.push(await ask(host, email, `192.0.2.${one}`))
      return answers
    }
    expect(await asked("a.da@example.com", "ad.a@example.com", "a.d.a@example.com")).toEqual([202, 202, 202])
    expect(await asked("a.da@gmail.com", "ad.a@gmail.com", "a.d.a@gmail.com", "ada@gmail.com")).toEqual([
      202, 202, 429, 202,
    ])
  })

  test("fifty of a network in ten minutes, the /64 of IPv6 being one", async () => {
    const host = mailApp()
    const answers: number[] = []
    for (let one = 0; one < 51; one++) {
      answers.push(await ask(host, `visitor${one}@example.com`, `2001:db8::${one.toString(16)}`))
    }
    expect(answers.filter((status) => status === 202)).toHaveLength(50)
    expect(host.events.filter(({ type }) => type === "limit.hit")).toMatchObject([
      { limit: "magic_link.network" },
    ])
  })
})

describe("codes", () => {
  test("one mail's wrong codes use up five of what its address may try, however many come", async () => {
    const host = mailApp()
    const attacker = host.browser("192.0.2.66")
    await host.mailTo(ada.email, attacker)
    for (let one = 0; one < 30; one++) await attacker.post("/auth/magic-link/code", { json: { code: "x" } })
    const owner = host.browser()
    const mail = await host.mailTo(ada.email, owner)
    expect((await owner.post("/auth/magic-link/code", { json: { code: mail.code } })).status).toBe(200)
  })

  test("whoever floods a route fills no log", async () => {
    const host = mailApp({ magicLink: { limits: { network: { limit: 10, window: "10m" } } } })
    const attacker = host.browser("192.0.2.66")
    const mail = await host.mailTo(ada.email, attacker)
    const token = tokenIn(mail)
    for (let one = 0; one < 40; one++) {
      await attacker.post("/auth/magic-link/code", { json: { code: "x" } })
      await attacker.post("/auth/magic-link/confirm", { json: { token } })
    }
    expect(host.events.filter(({ type }) => type === "sign_in.refused")).toHaveLength(10)
  })
})

describe("at a link's last moment", () => {
  test("of sixteen who checked it before and take it after it has ended, one gets in", async () => {
    const host = mailApp()
    const mail = await host.mailTo(ada.email, host.browser())
    host.clock.advance(600_000 - 1)
    const { users } = host.stores
    const slow = {
      ...host.stores,
      users: {
        ...users,
        findByEmail: async (email: string) => {
          const found = await users.findByEmail(email)
          host.clock.set(mail.expiresAt + 5_000)
          return found
        },
      },
    }
    const waiting = mailApp({ clock: host.clock, stores: slow })
    const outcomes = await race(16, [() => waiting.auth.flows.magicLink.confirm({ token: tokenIn(mail) })])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  })

  test("a server whose clock is behind neither takes a used link nor counts tries anew", async () => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser)
    const attempt = attemptIn(browser)
    const { confirm, confirmCode } = host.auth.flows.magicLink
    for (let one = 0; one < 5; one++) await confirmCode({ code: "x", attempt })
    expect((await confirm({ token: tokenIn(mail) })).ok).toBe(true)
    // The store's own clock is past the link's end, this server's is not.
    host.clock.set(mail.expiresAt + 2_000)
    await host.stores.challenges.get("anything")
    host.clock.set(mail.expiresAt - 1)
    expect((await confirm({ token: tokenIn(mail) })).ok).toBe(false)
    expect(await confirmCode({ code: mail.code ?? "", attempt })).toMatchObject({
      ok: false,
      reason: "code_exhausted",
    })
  })
})

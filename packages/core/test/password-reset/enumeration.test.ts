/** Whoever asks for a link learns nothing of who has the address: not from the bytes, not from the calls, not from the time. */
import { describe, expect, test } from "vitest"
import { recordingStores } from "../../src/testing/intercept.js"
import { ada } from "../app.js"
import { type ResetHost, resetApp, settled } from "./reset-app.js"

/** Everything that can be the matter with what is typed, and whether a mail leaves. */
const rows: Readonly<
  Record<string, readonly [mails: number, (host: ResetHost) => Promise<unknown>, typed?: string]>
> = {
  "an account": [1, (host) => host.account()],
  "never verified": [1, (host) => host.account({ verified: false })],
  "without a password (OAuth only)": [1, (host) => host.account({ password: false })],
  "locked by failures": [
    1,
    async (host) => {
      await host.account()
      for (let n = 0; n < 5; n++) await host.auth.flows.password.signIn({ ...ada, password: "wrong" })
    },
  ],
  "revoked before": [1, async (host) => host.auth.sessions.endAll((await host.account()).id, "revoked", {})],
  disabled: [0, (host) => host.account({ disabled: true })],
  nobody: [0, async () => undefined],
  "no address": [0, (host) => host.account(), "not an address"],
  "an empty text": [0, (host) => host.account(), ""],
  "a list": [0, (host) => host.account(), `${ada.email}, eve@example.com`],
  "over-long": [0, (host) => host.account(), `${"x".repeat(5000)}@example.com`],
}
const names = Object.keys(rows)

async function asked(name: string, form: boolean) {
  const [, prepare, email = ada.email] = rows[name] ?? [0, async () => undefined]
  const host = resetApp()
  await prepare(host)
  const { calls, watched } = recordingStores(host.stores)
  const { clock, mail } = host
  const watching = resetApp({ clock, mail, stores: watched })
  const body = { email, return_to: "/x" }
  const answer = await watching
    .browser()
    .post("/auth/password/forgot", form ? { form: body } : { json: body })
  const atAnswer = mail.accountMails.length
  await settled()
  return {
    bytes: `${answer.status}\n${JSON.stringify([...answer.headers])}\n${await answer.text()}`,
    calls: calls.map(({ method, slot }) => `${slot}.${method}`),
    hashes: watching.hasher.computed(),
    events: watching.events.map((event) => Object.keys(event).join()),
    mailsBeforeTheAnswer: atAnswer,
    mails: mail.accountMails.length,
  }
}

test.each(names)(
  "%s: the same bytes, the same calls of stores, no hash; the mail comes after the answer",
  async (name) => {
    for (const form of [false, true]) {
      const { mails, ...answer } = await asked(name, form)
      const { mails: none, ...reference } = await asked("nobody", form)
      expect(answer).toEqual(reference)
      expect(answer.bytes).toMatch(form ? /^303\n.*notice=reset_requested/ : /^202\n/)
      expect([answer.hashes, answer.mailsBeforeTheAnswer]).toEqual([0, 0])
      expect([none, mails]).toEqual([0, rows[name]?.[0]])
      const lookUps = answer.calls.filter((call) => !/^(?:rateLimits|audit)/.test(call))
      expect(lookUps).toEqual(["users.findByEmail", "sessions.epoch", "users.find", "credentials.find"])
    }
  },
)

test.each(names)(
  "%s: the fourth wish in a row is answered as the first, and the sixth hears the same refusal",
  async (name) => {
    const told = async (one: string): Promise<readonly string[]> => {
      const [, prepare, email = ada.email] = rows[one] ?? [0, async () => undefined]
      const host = resetApp()
      await prepare(host)
      const texts: string[] = []
      for (let n = 0; n < 7; n++) {
        const answer = await host.browser().post("/auth/password/forgot", { json: { email } })
        texts.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`)
      }
      return texts
    }
    const texts = await told(name)
    expect(texts).toEqual(await told("nobody"))
    expect(texts.map((text) => text.slice(0, 3))).toEqual(["202", "202", "202", "202", "202", "429", "429"])
  },
)

describe("time", () => {
  test("a mail that is slow, blocks or fails holds up nobody, and changes nothing of the answer", async () => {
    for (const known of [false, true]) {
      const order: string[] = []
      const slow = (): Promise<never> => {
        order.push("mail")
        // What writing a letter costs, many times over.
        for (const until = performance.now() + 200; performance.now() < until; );
        return Promise.reject(new Error("down"))
      }
      const host = resetApp({ reset: { send: slow } })
      if (known) await host.account()
      const answer = await host.browser().post("/auth/password/forgot", { json: { email: ada.email } })
      order.push("answer")
      expect([answer.status, await answer.text()]).toEqual([202, "{}"])
      await settled()
      expect(host.faults).toHaveLength(known ? 1 : 0)
      // Not by the clock, which a busy machine stops for longer than a letter takes.
      expect(order).toEqual(known ? ["answer", "mail"] : ["answer"])
    }
  })

  test("a runtime is told what still runs, once there is a mail", async () => {
    for (const known of [true, false]) {
      const host = resetApp()
      if (known) await host.account()
      const waiting: Promise<unknown>[] = []
      const waitUntil = (work: Promise<unknown>): void => void waiting.push(work)
      await host.auth.flows.password.forgot({ email: ada.email }, { waitUntil })
      await Promise.all(waiting)
      expect([waiting.length, host.mail.accountMails.length]).toEqual(known ? [1, 1] : [0, 0])
    }
  })
})

test("nobody can read off a link what its account is like, who lacks the host's secret", async () => {
  const states = new Set<unknown>()
  const facts = [{}, { verified: false }, { password: false }]
  for (const fact of [...facts, ...facts]) {
    const host = resetApp()
    await host.account(fact)
    const [payload = ""] = (await host.tokenFor()).split(".")
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString())
    const shown = ["action", "audience", "email", "expiresAt", "id", "realm", "state", "userId"]
    expect(Object.keys(claims).sort()).toEqual(shown)
    expect(claims.state).toMatch(/^[\w-]{43}$/)
    states.add(claims.state)
  }
  expect(states.size).toBe(6)
})

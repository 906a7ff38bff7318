import { describe, expect, test } from "vitest"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { hostileReturnPaths } from "../http/hostile-return-paths.js"
import { type MailHost, mailApp, pathIn, settled, tokenIn } from "./mail-app.js"

// Wherever a visitor may say where to go afterwards, nothing leads off the host: not after asking, not after signing in, not on the way back.

const hostile = hostileReturnPaths.map((path) => [JSON.stringify(path).slice(0, 40), path] as const)
const code = { code: "no code" }

/** Every way to ask: answers where it leads, undefined for a script. */
const asks: readonly (readonly [
  name: string,
  ask: (browser: TestClient, return_to: string) => Promise<string | null>,
])[] = [
  [
    "form",
    async (browser, return_to) => {
      const answer = await browser.post("/auth/magic-link", { form: { email: ada.email, return_to } })
      return answer.headers.get("location")
    },
  ],
  [
    "JSON",
    async (browser, return_to) => {
      const answer = await browser.post("/auth/magic-link", { json: { email: ada.email, return_to } })
      return answer.headers.get("location")
    },
  ],
]

/** Every way in with what was mailed, in the browser that asked: answers where it leads. */
const ways: readonly (readonly [
  name: string,
  way: (host: MailHost, browser: TestClient) => Promise<string | null>,
])[] = [
  ["click", async (host, browser) => locationOf(await browser.get(pathIn(last(host))))],
  [
    "button",
    async (host, browser) => {
      const form = { token: tokenIn(last(host)) }
      return locationOf(await browser.post("/auth/magic-link/confirm", { form }))
    },
  ],
  [
    "code",
    async (host, browser) => {
      const form = { code: last(host).code ?? "" }
      return locationOf(await browser.post("/auth/magic-link/code", { form }))
    },
  ],
]

function last({ mails }: MailHost): MailHost["mails"][number] {
  const mail = mails.at(-1)
  if (!mail) throw new Error("no mail")
  return mail
}

function locationOf(answer: Response): string | null {
  if (answer.status !== 303) throw new Error(`no redirect: ${answer.status}`)
  return answer.headers.get("location")
}

describe.each(asks)("asked for by %s", (_, ask) => {
  test.each(ways)("a path of the host's own is followed by %s", async (_way, way) => {
    const host = mailApp()
    const browser = host.browser()
    await ask(browser, "/articles/7?draft=1#top")
    await settled()
    expect(await way(host, browser)).toBe("/articles/7?draft=1#top")
  })

  test.each(hostile)("%s is not followed", async (_path, target) => {
    for (const [name, way] of ways) {
      const host = mailApp()
      const browser = host.browser()
      expect([null, "/en/login?notice=link_sent"]).toContain(await ask(browser, target))
      await settled()
      expect([name, await way(host, browser)]).toEqual([name, "/en/dashboard"])
    }
  })

  test.each([
    "/auth/magic-link/confirm",
    "/auth/magic-link/confirm?token=x.y",
    "/auth/./magic-link/confirm?token=x.y",
    "/auth/x/../magic-link/confirm?token=x.y",
  ])("%s is not followed: it is the page that the link itself opens", async (target) => {
    const host = mailApp()
    const browser = host.browser()
    await ask(browser, target)
    await settled()
    expect(await browser.get(pathIn(last(host))).then(locationOf)).toBe("/en/dashboard")
  })
})

// Checked twice: what a visitor wished for, and what is followed. Each check alone holds, whatever came in past the other.
test.each(hostile)("%s that was signed all the same is not followed", async (_, returnTo) => {
  for (const [name, way] of ways) {
    const host = mailApp()
    const browser = host.browser()
    const begun = await host.auth.flows.magicLink.start({ email: ada.email, locale: "de", returnTo })
    if (!begun.ok) throw new Error(begun.reason)
    browser.cookies.set("__Host-magic-link", `${begun.browser}.${begun.attempt}`)
    await settled()
    expect([name, await way(host, browser)]).toEqual([name, "/de/dashboard"])
  }
})

test.each(hostile)("%s is not followed when something is refused", async (_, return_to) => {
  const host = mailApp({ magicLink: { limits: { address: { limit: 1, window: "15m" } } } })
  const browser = host.browser()
  const to = async (path: string, form: Record<string, string>) =>
    locationOf(await browser.post(path, { form: { ...form, return_to } }))
  expect(await to("/auth/magic-link", { email: "no address" })).toBe("/en/login?error=invalid_email")
  expect(await to("/auth/magic-link", { email: ada.email, locale: "fr" })).toBe(
    "/en/login?error=invalid_request",
  )
  await to("/auth/magic-link", { email: ada.email })
  expect(await to("/auth/magic-link", { email: ada.email })).toMatch(
    /^\/en\/login\?error=rate_limited&retry_after=\d+$/,
  )
  expect(await to("/auth/magic-link/code", code)).toBe("/en/login?error=code_invalid")
})

test.each([...hostile, ["/elsewhere", "/elsewhere"] as const])(
  "%s beside the link is nobody's wish",
  async (_, target) => {
    const host = mailApp()
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser, { return_to: "/articles/7" })
    const more = new URLSearchParams({ return_to: target, locale: "de" })
    expect(locationOf(await browser.get(`${pathIn(mail)}&${more}`))).toBe("/articles/7")
    const again = await host.mailTo(ada.email, browser, { return_to: "/articles/7" })
    const form = { token: tokenIn(again), return_to: target }
    expect(locationOf(await browser.post("/auth/magic-link/confirm", { form }))).toBe("/articles/7")
  },
)

test("in another browser nobody's wish is followed: whoever asked may be somebody else", async () => {
  const host = mailApp()
  const mail = await host.mailTo(ada.email, host.browser(), { return_to: "/articles/7" })
  const form = { token: tokenIn(mail) }
  expect(locationOf(await host.browser().post("/auth/magic-link/confirm", { form }))).toBe("/en/dashboard")
})

test("where the host has renamed the page behind the link, that one alone is not followed", async () => {
  const host = mailApp({ paths: { magicLinkConfirm: "/confirm" } })
  for (const [return_to, location] of [
    ["/confirm?token=x.y", "/en/dashboard"],
    ["/confirm#top", "/en/dashboard"],
    ["/confirmation?x=1", "/confirmation?x=1"],
  ] as const) {
    const browser = host.browser()
    const mail = await host.mailTo(ada.email, browser, { return_to })
    expect([return_to, locationOf(await browser.get(pathIn(mail)))]).toEqual([return_to, location])
  }
})

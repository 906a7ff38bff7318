import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import type { LinkPage, LinkPageView } from "../../packages/core/src/http/pages/link-page.js"
import { linkWords } from "../../packages/core/src/http/pages/link-words.js"
import { magicLinkReasons } from "../../packages/core/src/http/routes/magic-link-routes.js"
import type { SendMagicLink } from "../../packages/core/src/mail/magic-link-mail.js"
import * as smtp from "../../packages/core/src/mail-smtp.js"
import { type TestClient, testClient } from "../../packages/core/src/testing/test-client.js"
import { type MailServer, startMailServer } from "../../packages/core/test/mail/mail-server.js"
import {
  nodemailer,
  magicLink as theMagicLink,
  mail as theMail,
} from "../../packages/core/test/mail/page-modules.js"
import { core, memory } from "../../packages/core/test/oauth/page-modules.js"
import * as binding from "../../packages/express/src/index.js"
import { expresses } from "../../packages/express/test/express-host.js"
import { codeBlocks, complaintsOf, complaintsOfAll, runBlock } from "../../packages/hono/test/readme-code.js"

const page = readFileSync("docs/flows/magic-link.md", "utf8")
const [quickStart = "", scripts = "", ownPage = "", invitations = "", worker = "", ...rest] = codeBlocks(
  new URL("../flows/magic-link.md", import.meta.url),
)
const imported = {
  "@mortise/core": core,
  "@mortise/core/magic-link": theMagicLink,
  "@mortise/core/mail": theMail,
  "@mortise/core/mail/smtp": smtp,
  "@mortise/core/memory": memory,
  "@mortise/express": binding,
  express: expresses[0]?.[1],
  nodemailer,
}
const ada = "ada@example.com"

let mailServer: MailServer
let origin = ""
beforeAll(async () => {
  mailServer = await startMailServer()
})
afterEach(() => void vi.unstubAllEnvs())
afterAll(() => mailServer.stop())

async function freeOrigin(): Promise<string> {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return `http://localhost:${port}`
}

function newBrowser(): TestClient {
  return testClient({ handle: (request) => fetch(request, { redirect: "manual" }) }, { origin })
}

/** Link and code of the mail that comes next. */
async function mailAfter(
  ask: () => Promise<unknown>,
): Promise<{ path: string; token: string; code: string }> {
  const before = mailServer.mails.length
  await ask()
  await expect.poll(() => mailServer.mails.length).toBe(before + 1)
  const text = mailServer.mails[before]?.parsed.text ?? ""
  const url = new URL(/http:\S+/.exec(text)?.[0] ?? "")
  const code = /^\d{4}\s?\d{4}$/m.exec(text)?.[0] ?? ""
  return { path: url.pathname + url.search, token: url.searchParams.get("token") ?? "", code }
}

describe("the quick start", () => {
  let server: Server
  beforeAll(async () => {
    origin = await freeOrigin()
    vi.stubEnv("ORIGIN", origin)
    vi.stubEnv("AUTH_SECRET", "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE")
    vi.stubEnv("SMTP_URL", `smtp://127.0.0.1:${mailServer.port}?ignoreTLS=true`)
    server = runBlock(quickStart, imported)["server"] as Server
    await once(server, "listening")
  })
  afterAll(() => void server.close())

  async function textOf(browser: TestClient, path: string): Promise<string> {
    return (await browser.get(path)).text()
  }

  async function leadsTo(answer: Promise<Response>): Promise<string> {
    return (await answer).headers.get("location") ?? ""
  }

  test("asks on a page in German, and one click leads to the German home", async () => {
    const browser = newBrowser()
    expect(await textOf(browser, "/de/sign-in")).toContain("Link senden")
    let back = ""
    const { path } = await mailAfter(async () => {
      back = await leadsTo(browser.post("/auth/magic-link", { form: { email: ada, locale: "de" } }))
    })
    expect(back).toBe("/de/sign-in?notice=link_sent")
    expect(await textOf(browser, back)).toContain("Schauen Sie in Ihre Mail.")
    expect(mailServer.mails.at(-1)?.parsed.subject).toBe("Anmelden bei My App")
    expect(await leadsTo(browser.get(path))).toBe("/de")
    expect(await (await browser.get("/de")).json()).toEqual({ locale: "de" })
  })

  test("elsewhere shows the page, whose button leads there too", async () => {
    const { path, token } = await mailAfter(() =>
      newBrowser().post("/auth/magic-link", { form: { email: ada, locale: "de" } }),
    )
    const telephone = newBrowser()
    const shown = await textOf(telephone, path)
    expect(shown).toContain('<html lang="de">')
    expect(shown).toContain(ada)
    expect(await leadsTo(telephone.post("/auth/magic-link/confirm", { form: { token } }))).toBe("/de")
  })

  test("takes the code, and asks for it again if it is wrong", async () => {
    const browser = newBrowser()
    const { code } = await mailAfter(() =>
      browser.post("/auth/magic-link", { form: { email: ada, locale: "en" } }),
    )
    const wrong = await leadsTo(browser.post("/auth/magic-link/code", { form: { code: "1" } }))
    expect(wrong).toBe("/en/sign-in?error=code_invalid")
    const again = await textOf(browser, wrong)
    expect(again).toContain("<p>code_invalid</p>")
    expect(again).toContain('action="/auth/magic-link/code" >')
    expect(await leadsTo(browser.post("/auth/magic-link/code", { form: { code } }))).toBe("/en")
  })

  test("says why not, and shows nothing that an address has in it", async () => {
    const browser = newBrowser()
    const back = await leadsTo(browser.post("/auth/magic-link", { form: { email: "ada", locale: "de" } }))
    expect(await textOf(browser, back)).toContain("<p>invalid_email</p>")
    expect(await textOf(browser, "/de/sign-in?error=<b>x</b>")).toContain("<p>bxb</p>")
    const visiting = browser.get("/de", { headers: { accept: "text/html" } })
    expect(await leadsTo(visiting)).toBe("/en/sign-in?return_to=%2Fde")
  })

  test("the block for scripts asks, and types the code", async () => {
    const browser = newBrowser()
    const itsGlobals = {
      location: { pathname: "/de" },
      fetch: (path: string, init: RequestInit) => browser.post(path, { json: JSON.parse(String(init.body)) }),
    }
    const { ask, type } = runBlock(`import { fetch, location } from "browser"\n${scripts}`, {
      browser: itsGlobals,
    }) as {
      ask(email: string, locale: string): Promise<boolean>
      type(code: string): Promise<string | undefined>
    }
    expect(await ask("no address", "de")).toBe(false)
    const { code } = await mailAfter(async () => expect(await ask("joan@example.com", "de")).toBe(true))
    expect(await type("1")).toBe("code_invalid")
    expect(await type(code)).toBeUndefined()
    expect(await (await browser.get("/de")).json()).toEqual({ locale: "de" })
  })
})

describe("the rest of docs/flows/magic-link.md", () => {
  test("compiles", () => {
    const place = (name: string): URL => new URL(`../../packages/${name}/test/`, import.meta.url)
    const installed = new URL("../../packages/core/node_modules/", import.meta.url)
    const types = new URL("nodemailer/dist/esm/nodemailer.d.ts", installed)
    expect(existsSync(types)).toBe(true)
    expect(complaintsOf(quickStart, place("express"), { nodemailer: [types.pathname] })).toEqual([])
    expect(complaintsOfAll([scripts, ownPage, invitations, worker], place("core"))).toEqual([])
    expect(rest).toEqual([])
  }, 120_000)

  /** A host with that flow, whose mails are kept. */
  function hostOf(flowWith: (send: SendMagicLink<string, never>) => unknown) {
    const mails: { url: string }[] = []
    const flow = flowWith(async (mail) => void mails.push(mail)) as ReturnType<typeof theMagicLink.magicLink>
    const auth = core.createAuth({
      origin: "https://app.example.com",
      secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
      stores: memory.memoryStores(),
      sessions: core.opaque(),
      flows: { magicLink: flow },
    })
    const browser = (): TestClient => testClient(auth, { origin: "https://app.example.com" })
    const ask = async (from: TestClient, json: object): Promise<string> => {
      expect((await from.post("/auth/magic-link", { json })).status).toBe(202)
      await new Promise((resolve) => setTimeout(resolve, 0))
      return (mails.at(-1)?.url ?? "").replace("https://app.example.com", "")
    }
    return { auth, ask, browser }
  }

  test("the page of one's own asks and refuses in the link's language, with everything escaped", async () => {
    const { flowWith } = runBlock(ownPage, imported) as { flowWith: Parameters<typeof hostOf>[0] }
    const { ask, browser } = hostOf(flowWith)
    const path = await ask(browser(), { email: "o'neill@example.com", locale: "de" })
    const shown = await (await browser().get(path)).text()
    expect(shown).toContain('<html lang="de"><link rel="stylesheet"')
    expect(shown).toContain("<p>o&#39;neill@example.com</p>")
    const [, token = ""] = /name="token" value="([^"]+)"/.exec(shown) ?? []
    const other = browser()
    expect((await other.post("/auth/magic-link/confirm", { form: { token } })).status).toBe(303)
    expect(await (await browser().get(path)).text()).toContain(linkWords.de.refused.link_used)
  })

  test("the page of one's own has everything that the built-in one has", () => {
    const made = runBlock(ownPage.replace("const page", "export const page"), imported)
    const own = made["page"] as LinkPage
    const words = linkWords.en
    const view: LinkPageView = {
      kind: "confirm",
      locale: "en",
      words,
      email: ada,
      claimRequired: true,
      action: "/auth/magic-link/confirm",
      fields: { token: "x", claim: "yes" },
    }
    for (const text of [ada, 'name="token" value="x"', 'name="claim" value="yes"', words.claimButton])
      expect(own(view)).toContain(text)
  })

  test("by invitation: whoever asked must be here, and have a good one", async () => {
    const { byInvitation } = runBlock(invitations, imported) as {
      byInvitation(
        send: SendMagicLink<string, never>,
        isGood: (invitation: string) => Promise<boolean>,
      ): unknown
    }
    const { ask, browser } = hostOf((send) => byInvitation(send, async (invitation) => invitation === "good"))
    const status = async (invitation: unknown, elsewhere: boolean): Promise<number> => {
      const asking = browser()
      const email = `${crypto.randomUUID()}@example.com`
      const path = await ask(asking, { email, invitation })
      if (!elsewhere) return (await asking.get(path)).status
      const token = new URLSearchParams(path.split("?")[1]).get("token")
      return (await browser().post("/auth/magic-link/confirm", { json: { token } })).status
    }
    expect(await status("good", false)).toBe(303)
    expect(await status("bad", false)).toBe(403)
    expect(await status({ good: true }, false)).toBe(403)
    expect(await status("good", true)).toBe(403)
  })

  test("a Worker is kept awake until the mail has left", async () => {
    const { worker: workerOf } = runBlock(worker, imported) as {
      worker(auth: unknown): { fetch(request: Request, env: unknown, execution: object): Promise<Response> }
    }
    let sent = false
    const { auth } = hostOf(() =>
      theMagicLink.magicLink({
        async send() {
          await new Promise((resolve) => setTimeout(resolve, 20))
          sent = true
        },
      }),
    )
    const works: Promise<unknown>[] = []
    const request = new Request("https://app.example.com/auth/magic-link", {
      method: "POST",
      headers: { "content-type": "application/json", "cf-connecting-ip": "192.0.2.1" },
      body: JSON.stringify({ email: ada }),
    })
    const execution = { waitUntil: (work: Promise<unknown>) => works.push(work) }
    expect((await workerOf(auth).fetch(request, {}, execution)).status).toBe(202)
    expect(sent).toBe(false)
    await Promise.all(works)
    expect(sent).toBe(true)
  })

  test.each(["start.ts", "confirm.ts"])("the diagram is that of %s", (file) => {
    const source = readFileSync(`packages/core/src/flows/magic-link/${file}`, "utf8")
    const lines = source.split("\n").filter((line) => / {2}(?:Browser|Owner) {3}| {5}[│├]/.test(line))
    expect(lines.length).toBeGreaterThan(7)
    expect(page).toContain(lines.map((line) => line.replace(/^ \* /, "")).join("\n"))
  })

  test("every reason that can come back has words for the visitor", () => {
    const table = page.split("## What the visitor sees")[1]?.split("\n## ")[0] ?? ""
    const said = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason]) => reason)
    expect(said).toEqual(expect.arrayContaining(Object.keys(magicLinkReasons)))
    const steps = page.split("| step | route |")[1]?.split("\n\n")[0] ?? ""
    const refused = steps.split("\n").flatMap((row) => [...(row.split("|")[4] ?? "").matchAll(/`(\w+)`/g)])
    expect(refused.length).toBeGreaterThan(12)
    for (const [, reason] of refused) if (reason !== "not_found") expect(said).toContain(reason)
  })

  test("the defaults are those of the options", () => {
    const source = readFileSync("packages/core/src/magic-link.ts", "utf8")
    for (const text of [
      'options.lifetime ?? "10m"',
      "lifetime > 86_400",
      'network ?? { limit: 50, window: "10m" }',
      'address ?? { limit: 5, window: "15m" }',
      'mailbox ?? { limit: 10, window: "1h" }',
      '{ limit: 20, window: "1h" } : { limit: digits === 7 ? 20 : 10, window: "1d" }',
      "options.code ?? false",
    ])
      expect([text, source.includes(text)]).toEqual([text, true])
    expect(readFileSync("packages/core/src/flows/magic-link/confirm.ts", "utf8")).toContain("mostTries = 5")
  })

  test("every decision that it names is there, about ten lines long", () => {
    const named = [...page.matchAll(/decisions\/([\w-]+\.md)/g)].map(([, name]) => name as string)
    expect(named).toHaveLength(6)
    const all = readdirSync("docs/decisions")
    for (const name of named) {
      expect(all).toContain(name)
      expect(readFileSync(`docs/decisions/${name}`, "utf8").split("\n").length).toBeLessThan(18)
    }
  })
})

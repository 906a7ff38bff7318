import type { Realms } from "@mortise/core/realms"
import { expect, test } from "vitest"
import { lenientReadings } from "./lenient-router.js"
import { type RawReply, type RawRequest, sendRaw } from "./raw-socket.js"
import { methods, misleadingHeaders, spellings } from "./spellings.js"
import { account, speltSite } from "./spelt-site.js"

/** What a handler in an area says; nobody else does. */
export const secret = "TOP-SECRET"

/**
 * A host on a socket, with `mortise(site)` or, to see what the spellings are good for, without: `/about` says `PUBLIC`, `/store/login` says `LOGIN`,
 * `/store/assets/*` says `ASSET`; whatever else lies below `/store` and `/api/v1/store`, also as {@link isInArea} takes it, says the secret,
 * in a header and in the body, and so do the files of `folder`, served from the root.
 */
export interface PathsHost {
  start(site: Realms | undefined): Promise<{ readonly port: number | undefined }>
  /** The target that router and library see, after what reads the socket has had its way with it; undefined where it refuses. */
  seen(target: string): string | undefined
}

/** In an area for a router of one kind or another. */
export function isInArea(target: string): boolean {
  return [...lenientReadings(target)].some((reading) => /^\/(?:store|api\/v1\/store)(?:\/|$)/.test(reading))
}

/** The realm itself, a route in it, a file, what a prefix answers, and the API. */
const guarded = ["/store", "/store/ACME/dashboard", "/store/report.txt", "/store/any", "/api/v1/store/orders"]

/** Ways from an open place back into the realm. */
const climbs = [
  "/store/assets/../ACME/dashboard",
  "/store/assets/%2e%2e/ACME/dashboard",
  "/store/assets/..%2fACME/dashboard",
  "/store/assets/..%5cACME/dashboard",
  "/store/assets/..\\ACME/dashboard",
  "/store/assets/..;/ACME/dashboard",
  "/store/assets/..;x=1/ACME/dashboard",
  "/store/assets/.%00./ACME/dashboard",
  "/store/assets/.%09./ACME/dashboard",
  "/store/assets/%252e%252e/ACME/dashboard",
  "/store/assets//../ACME/dashboard",
  "/store/assets/x/../../ACME/dashboard",
  "/store/assets",
  "/store/login/../ACME/dashboard",
  "/store/login;/../ACME/dashboard",
  "/store/login/ACME",
  "/store/login%2f..%2fACME/dashboard",
  "/store/login#/../ACME/dashboard",
  "/store/login%23/../ACME/dashboard",
  "/store/login%3f/../ACME/dashboard",
  "/store/login%00/ACME/dashboard",
  "/storefront/assets/../../store/ACME/dashboard",
  "/storefront/assets/..%2f..%2fstore/ACME/dashboard",
]

/** Every spelling of a guarded path, sent byte by byte, meets the same guard as the canonical path, or nothing at all. */
export function checkPaths(host: PathsHost): void {
  const pathSeen = (target: string): string | undefined => host.seen(target)?.replace(/\?.*/, "")

  test("each of these paths says the secret to those whom it is for, and the host without a guard to anybody, in many spellings", async () => {
    const { clerk, site } = await speltSite()
    const { send } = await started(host, site)
    for (const target of guarded) {
      expect((await send({ target, headers: { authorization: clerk } })).text).toContain(secret)
    }
    const open = await started(host, undefined)
    for (const target of guarded) {
      const replies = await Promise.all(spellings.map(({ spell }) => open.send({ target: spell(target) })))
      const told = replies.filter(({ text }) => text.includes(secret)).length
      expect(told, `${target} in ${told} of ${replies.length} spellings`).toBeGreaterThan(
        spellings.length / 2,
      )
    }
  })

  test("what is public stays so", async () => {
    const { send } = await started(host, (await speltSite()).site)
    for (const target of ["/about", "/about?next=/store", "/about?x=../store"]) {
      const { status, text } = await send({ target })
      expect([target, status, text.endsWith("PUBLIC")]).toEqual([target, 200, true])
    }
  })

  test.each([
    ["nobody", undefined, 401],
    ["somebody of the realm whom its rule refuses", "admin", 403],
    ["somebody of another realm", "customer", 403],
  ] as const)("no spelling lets %s in", async (_, who, refused) => {
    const { site, ...tokens } = await speltSite()
    const { send } = await started(host, site)
    const headers = who && { authorization: tokens[who] }
    const wrong: string[] = []
    for (const path of guarded) {
      expect((await send({ target: path, ...(headers && { headers }) })).status).toBe(refused)
      for (const { name, spell } of spellings) {
        const target = spell(path)
        const { status, text } = await send({ target, ...(headers && { headers }) })
        if (text.includes(secret) || ![refused, 404, 400].includes(status))
          wrong.push(told(name, target, status, text))
      }
    }
    expect(wrong).toEqual([])
  })

  test.each(methods)("%s meets the same guard", async (method) => {
    const { site } = await speltSite()
    const { send } = await started(host, site)
    for (const target of guarded) {
      const { status, text } = await send({ method, target })
      expect([400, 401]).toContain(status)
      expect(text).not.toContain(secret)
    }
  })

  test.each(misleadingHeaders)("%s changes nothing", async (_, headers) => {
    const { site } = await speltSite()
    const { send } = await started(host, site)
    const inward = Object.entries(headers).map(([name, value]) => [
      name,
      value.replaceAll("/about", "/store/ACME/dashboard"),
    ])
    for (const target of guarded) {
      const { status, text } = await send({ target, headers })
      expect([400, 401]).toContain(status)
      expect(text).not.toContain(secret)
    }
    for (const target of ["/about", "/store/login"]) {
      expect((await send({ target, headers: Object.fromEntries(inward) })).text).not.toContain(secret)
    }
  })

  test("an open path is open in this spelling only, and none leads from there to what is not", async () => {
    const { site } = await speltSite()
    const { send } = await started(host, site)
    for (const [target, said] of [
      ["/store/login", "LOGIN"],
      ["/store/login?return_to=/store/ACME/dashboard", "LOGIN"],
      ["/store/assets/logo.svg", "ASSET"],
      ["/store/assets/deep/logo.svg", "ASSET"],
    ] as const) {
      expect((await send({ target })).text.endsWith(said)).toBe(true)
    }
    const wrong: string[] = []
    const spelt = ["/store/login", "/store/assets/logo.svg"].flatMap((path) =>
      spellings.map(({ name, spell }) => [name, spell(path)] as const),
    )
    for (const [name, target] of [...spelt, ...climbs.map((climb) => ["climb", climb] as const)]) {
      const { status, text } = await send({ target })
      const refused = [400, 401, 404].includes(status)
      if (text.includes(secret) || !(refused || isOpen(pathSeen(target))))
        wrong.push(told(name, target, status, text))
    }
    expect(wrong).toEqual([])
  })

  test("the library's own sign-in answers in one spelling", async () => {
    const { site } = await speltSite()
    const { send } = await started(host, site)
    const body = JSON.stringify(account)
    const headers = { "content-type": "application/json" }
    const wrong: string[] = []
    for (const path of ["/store/auth/login", "/api/v1/store/auth/login"]) {
      const signedIn = await send({ method: "POST", target: path, headers, body })
      expect([signedIn.status, signedIn.text.includes("store_token=")]).toEqual([200, true])
      for (const { name, spell } of spellings.filter((one) => pathSeen(one.spell(path)) !== path)) {
        const target = spell(path)
        const { status, text } = await send({ method: "POST", target, headers, body })
        if (text.includes("store_token=") || ![400, 401, 404].includes(status))
          wrong.push(told(name, target, status, text))
      }
    }
    expect(wrong).toEqual([])
  })
}

function told(name: string, target: string, status: number, text: string): string {
  return `${name}: ${JSON.stringify(target)} answered ${status}${text.includes(secret) ? " and told the secret" : ""}`
}

/** Below a place that is open as a whole, every path is that has no dot segments and no encoded slashes. */
function isOpen(path: string | undefined): boolean {
  return (
    path === "/store/login" ||
    /^\/store\/assets(?:\/(?!\.{1,2}(?:\/|$))(?:[\w.&=-]|%(?:20|23|3f|a0))+)+\/?$/.test(path ?? "")
  )
}

async function started(
  host: PathsHost,
  site: Realms | undefined,
): Promise<{ send(request: RawRequest): Promise<RawReply> }> {
  const { port } = await host.start(site)
  if (port === undefined) throw new Error("This needs a socket.")
  return { send: (request) => sendRaw(port, request) }
}

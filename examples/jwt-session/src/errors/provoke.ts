import { randomUUID } from "node:crypto"
import { almanac, createAlmanacAuth } from "../auth/auth"
import { onlyOne } from "../only-one"
import type { CaseName } from "./cases"
import { causeOf, hostMismatch } from "./causes"
import { mint, ofAnotherType, signedBySomebodyElse, tampered } from "./forge"
import { heardDuring, tracingHeaders } from "./trace"

/** What came of a case: what the visitor gets, and what the server knows. */
export interface Report {
  readonly name: CaseName
  readonly answers: readonly { readonly request: string; readonly answer: string }[]
  /** Why, from what the library told during these very requests. */
  readonly causes: readonly string[]
}

/** Who tries it, and what their browser sent. */
export interface Visitor {
  readonly userId: string
  readonly token: string
}

const second = 1000
const kept = 100

/** Provokes a case by real requests to this server, and keeps the report. Answers the name under which it can be looked up. */
export async function provoke(name: CaseName, visitor: Visitor): Promise<string> {
  const report = name === "provider-error" ? await atProvider() : await withToken(name, visitor)
  const id = randomUUID()
  const all = reports()
  all.set(id, report)
  for (const oldest of all.keys()) if (all.size > kept) all.delete(oldest)
  return id
}

/** A report that was made lately. */
export function reportOf(id: string): Report | undefined {
  return reports().get(id)
}

function reports(): Map<string, Report> {
  return onlyOne("reports", () => new Map<string, Report>())
}

async function withToken(name: CaseName, visitor: Visitor): Promise<Report> {
  const token = await tokenFor(name, visitor)
  const cookie = token === undefined ? undefined : `__Host-session=${token}`
  const outage = name === "database-down"
  const api = await ask("/api/me", "application/json", cookie, outage)
  const page = await ask("/desk", "text/html", cookie, outage)
  return {
    name,
    answers: [api, page].map(shown),
    causes: [...new Set([...whyNot(name, api), ...api.causes])],
  }
}

async function tokenFor(name: CaseName, { userId, token }: Visitor): Promise<string | undefined> {
  const { settings } = almanac()
  const { lifetime, grace } = settings
  const now = Date.now()
  switch (name) {
    case "invalid-signature":
      return tampered(token)
    case "expired":
      return mint(userId, { clock: () => now - (lifetime + grace + 60) * second })
    case "in-grace":
      return mint(userId, { clock: () => now - (lifetime + grace / 2) * second })
    case "clock-ahead":
      return mint(userId, { clock: () => now + 20 * second })
    case "clock-skewed":
      return mint(userId, { clock: () => now + 600 * second })
    case "clock-behind":
      return mint(userId, { clock: () => now - 600 * second })
    case "other-key":
      return signedBySomebodyElse(token)
    case "other-realm":
      return mint(userId, { realm: "admin" })
    case "other-type":
      return ofAnotherType(token, settings)
    case "database-down":
      return token
    default:
      return undefined
  }
}

/** What the library has no event for, because nothing was wrong that it could see. */
function whyNot(name: CaseName, { status, causes }: Asked): readonly string[] {
  const { settings } = almanac()
  if (name === "cookie-domain") {
    return [hostMismatch(new URL(selfAddress()).host, settings.origin) ?? "", refusedDomain()]
  }
  if (name === "missing-cookie")
    return ["missing cookie: there is nothing to check, so the visitor is nobody."]
  if (status === 503)
    return ["StoreError: the database did not answer (ECONNREFUSED). That is a fault and no “signed out”."]
  if (status === 401 && causes.length === 0)
    return ["no such session: it is not in the store, has ended there, or is of another realm."]
  if (name === "in-grace")
    return ["expired within the grace: a new token was issued, and the request answered."]
  return status === 200 ? ["accepted: the clocks of two servers may be that far apart."] : []
}

/** A cookie for somebody else's domain no browser would keep, so a server that is told to set one does not start. */
function refusedDomain(): string {
  const { settings, stores } = almanac()
  try {
    createAlmanacAuth(settings, stores, { cookie: { domain: "elsewhere.example" } })
    return ""
  } catch (fault) {
    return `with cookie.domain "elsewhere.example" no server would start: ${(fault as Error).message}`
  }
}

/** The first half as a browser does it; the second as a provider that failed sends it back. */
async function atProvider(): Promise<Report> {
  const started = await fetch(`${selfAddress()}/auth/oauth/github`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: "{}",
  })
  const { url } = (await started.json()) as { url?: string }
  const state = url ? new URL(url).searchParams.get("state") : ""
  const binding = started.headers.getSetCookie()[0]?.split(";")[0]
  const { github } = almanac().settings
  const query = new URLSearchParams({ error: "server_error", state: state ?? "", iss: github.url })
  const back = await ask(`/auth/oauth/github/callback?${query}`, "text/html", binding, false)
  const request = "GET /auth/oauth/github/callback?error=server_error"
  return { name: "provider-error", answers: [{ ...shown(back), request }], causes: back.causes }
}

interface Asked {
  readonly request: string
  readonly status: number
  readonly said: string
  readonly cookie: string
  readonly causes: readonly string[]
}

async function ask(
  path: string,
  accept: string,
  cookie: string | undefined,
  outage: boolean,
): Promise<Asked> {
  const id = randomUUID()
  const response = await fetch(selfAddress() + path, {
    headers: { accept, ...tracingHeaders(id, outage), ...(cookie && { cookie }) },
    redirect: "manual",
  })
  const said = await saidBy(response)
  const causes = heardDuring(id).flatMap((event) => causeOf(event) ?? [])
  return { request: `GET ${path}`, status: response.status, said, cookie: cookieIn(response), causes }
}

async function saidBy(response: Response): Promise<string> {
  const location = response.headers.get("location")
  if (location) return `on to ${location}`
  const text = await response.text()
  if (!response.headers.get("content-type")?.includes("json")) {
    return /<h1>(.*?)<\/h1>/.exec(text)?.[1]?.replace(/<!--.*?-->/g, "") ?? "a page"
  }
  const { reason, username } = JSON.parse(text) as { reason?: string; username?: string }
  return reason ?? `you, ${username}`
}

function cookieIn(response: Response): string {
  const cookie = response.headers.getSetCookie().find((one) => one.startsWith("__Host-session="))
  if (!cookie) return ""
  return cookie.includes("Max-Age=0") ? ", cookie cleared" : ", with a new cookie"
}

function shown({ request, status, said, cookie }: Asked): Report["answers"][number] {
  return { request, answer: `${status}: ${said}${cookie}` }
}

/** This server under its bare address: to a browser another host than localhost. */
function selfAddress(): string {
  return `http://127.0.0.1:${process.env["PORT"] || 4200}`
}

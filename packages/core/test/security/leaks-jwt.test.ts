/** Of `jwt()` and `refreshTokens()`: no token and no key in what a host logs, shows or stores, on any way that there is. */
import { inspect } from "node:util"
import { expect, test, vi } from "vitest"
import { logFault } from "../../src/http/fault-log.js"
import type { AuthEvent, SessionStrategy } from "../../src/index.js"
import { type JwtKey, jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { refreshTokens } from "../../src/refresh.js"
import { adjustableClock } from "../../src/testing/adjustable-clock.js"
import { failingStores } from "../../src/testing/intercept.js"
import { ada, app, type Host, secret } from "../app.js"
import { ed, es, hmacSecret, hour, ring, second, tokenIn } from "../jwt/jwt-app.js"
import { overheardStores } from "../oauth/overheard-stores.js"
import { refreshWith, send, type Tokens } from "../refresh/token-app.js"

const edFirst: readonly JwtKey[] = [{ alg: "EdDSA", key: ed.jwk, kid: "ed" }, ring[0], ring[2]]
const strategies: Readonly<Record<string, () => SessionStrategy>> = {
  "jwt(), the secret's key": () => jwt(),
  "jwt(), HS256 of a ring": () => jwt({ keys: ring }),
  "jwt(), EdDSA of a ring, by user": () => jwt({ keys: edFirst, revocation: "user" }),
  "jwt(), EdDSA of a ring, by nobody": () =>
    jwt({ keys: edFirst, revocation: "none", acceptStaleness: 30 * 86_400 }),
  "refreshTokens() beside jwt()": () => refreshTokens({ beside: jwt({ keys: ring }), keys: edFirst }),
}

/** Keys in the ways in which they may be written down. */
const keys: readonly string[] = [
  ...[
    secret,
    hmacSecret,
    Buffer.from(hmacSecret).toString("base64url"),
    Buffer.from(secret).toString("base64url"),
  ],
  ...[ed, es].flatMap(({ jwk, pem }) => [
    String(jwk.d),
    Buffer.from(String(jwk.d), "base64url").toString("hex"),
    ...pem.split("\n").filter((line) => line.length > 20 && !line.startsWith("-")),
  ]),
]

/** Goes every way; answers the tokens that it met, and all that was said beside them. */
async function everything(host: Host, keepsTokens: boolean) {
  const tokens = new Set<string>()
  const said: string[] = []
  const browser = host.browser()
  const note = async (answer: Response): Promise<number> => {
    tokens.add(tokenIn(browser))
    const headers = [...answer.headers].filter(([name]) => name !== "set-cookie")
    said.push(await answer.text(), JSON.stringify(headers))
    return answer.status
  }
  const post = async (path: string, json: object) => note(await browser.post(`/auth/${path}`, { json }))
  await post("register", ada)
  expect(await post("login", ada)).toBe(200)
  await note(await browser.get("/auth/sessions"))
  await note(await browser.get("/auth/jwks"))
  for (const passed of [2 * hour, 10 * hour, 12 * hour + second]) {
    host.clock.advance(passed)
    expect(await note(await browser.get("/auth/session"))).toBe(200)
    await post("refresh", {})
  }
  await post("password/change", { current_password: ada.password, new_password: "a quite different phrase" })
  const last = tokenIn(browser)
  for (const cookie of [
    last.slice(0, -1),
    `${last}x`,
    last.replace(/\.[^.]*\./, ".e30."),
    [...tokens][1] ?? "",
  ])
    await note(await browser.get("/auth/session", { headers: { cookie: `__Host-session=${cookie}` } }))
  await post("logout", {})
  const user = { ...ada, password: "a quite different phrase" }
  expect(await post("login", user)).toBe(200)
  host.clock.advance(20 * hour)
  await note(await browser.get("/auth/session"))
  if (keepsTokens) {
    const asking = { json: user, headers: { "mortise-session": "tokens" } }
    const met = ({ access_token, refresh_token }: Tokens): void => {
      for (const token of [access_token, refresh_token]) if (token) tokens.add(token)
    }
    const first = (await send(host.auth, "POST", "/auth/login", asking)).body
    const second = (await refreshWith(host, first.refresh_token)).body
    const third = (await refreshWith(host, second.refresh_token)).body
    for (const one of [first, second, third]) met(one)
    for (const one of [first.refresh_token, third.refresh_token, `${third.refresh_token}x`])
      said.push(JSON.stringify((await refreshWith(host, one)).body))
    const headers = { authorization: `Bearer ${third.access_token}` }
    said.push(JSON.stringify((await send(host.auth, "GET", "/auth/sessions", { headers })).body))
  }
  tokens.delete("")
  return { tokens: [...tokens], said, browser, user }
}

/** Of a token what would be of use to a finder: whole, what signs it, and of a refresh token each half. */
function usable(token: string): readonly string[] {
  const parts = token.split(".")
  const own = token.startsWith("ey") ? [parts[2] ?? ""] : parts.filter((part) => part.length > 20)
  return [token, ...own].flatMap((text) => [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString("base64"),
  ])
}

test.each(Object.keys(strategies))(
  "%s: no token, no key in events, refusals, faults, log lines, inspections, sessions or stores",
  async (name) => {
    const sessions = strategies[name]?.()
    if (!sessions) throw new Error(name)
    const clock = adjustableClock(Date.UTC(2026, 10, 20))
    let down = false
    const { watched } = failingStores(memoryStores({ clock }), ({ slot }) => down && slot !== "audit")
    const { heard, stores } = overheardStores(watched)
    const host = app({ clock, sessions, stores })
    const lines: string[] = []
    vi.spyOn(console, "error").mockImplementation(
      (...parts: unknown[]) => void lines.push(parts.map(String).join(" ")),
    )
    const keepsTokens = name.startsWith("refreshTokens")
    const { browser, said, tokens, user } = await everything(host, keepsTokens)
    await browser.post("/auth/login", { json: user })
    tokens.push(tokenIn(browser))
    const bearer = tokens.filter((token) => token.startsWith("ey"))
    // By then a renewal is due, which asks a store in any case.
    clock.advance(2 * hour)
    down = true
    for (const token of bearer) {
      for (const headers of [{ cookie: `__Host-session=${token}` }, { authorization: `Bearer ${token}` }])
        await host.browser().post("/auth/refresh", { json: {}, headers })
    }
    down = false
    for (const fault of host.faults) logFault(fault)
    const principal = await host.auth.sessions.read(tokenIn(browser))
    expect(principal).toBeDefined()
    const users = await host.stores.users.list({ limit: 9 })
    const deep = { depth: 12, showHidden: true, getters: true } as const
    const texts: Readonly<Record<string, string>> = {
      answers: said.join("\n"),
      events: JSON.stringify(host.events),
      faults: inspect(host.faults, deep),
      log: lines.join("\n"),
      inspections: [host.auth, host.auth.sessions, sessions].map((one) => inspect(one, deep)).join(),
      json: JSON.stringify([host.auth, host.auth.sessions]),
      principal: inspect(principal, deep),
      sessions: inspect(await Promise.all(users.map(({ id }) => host.auth.sessions.list(id))), deep),
      stores: heard(),
    }
    expect(tokens.length).toBeGreaterThan(keepsTokens ? 9 : 4)
    expect(host.faults.length).toBeGreaterThan(0)
    const types = host.events.map(({ type }: AuthEvent) => type)
    expect(types).toEqual(expect.arrayContaining(["session.renewed", "session.token_refused"]))
    const hidden = [...new Set([...tokens.flatMap(usable), ...keys])].filter((text) => text !== "")
    for (const [where, text] of Object.entries(texts)) {
      expect([where, text.length > 1]).toEqual([where, true])
      expect([where, hidden.filter((one) => text.includes(one))]).toEqual([where, []])
    }
  },
)

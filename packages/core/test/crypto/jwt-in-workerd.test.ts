/** `jwt()` and `refreshTokens()` in workerd, without Node's modules: signed and checked there, and checked here. */
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { createLocalJWKSet, importSPKI, jwtVerify } from "jose"
import { Miniflare } from "miniflare"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { testClient } from "../../src/testing/test-client.js"
import { ada, origin } from "../app.js"
import { ed, es, hour, partOf, second, tokenIn } from "../jwt/jwt-app.js"
import { prover } from "../refresh/prover.js"
import { outcomeOf, payloadOf, refreshWith, send, type Tokens, whoIs } from "../refresh/token-app.js"

const algorithms = ["HS256", "EdDSA", "ES256"] as const
const published = { EdDSA: ed, ES256: es }

let worker: Miniflare
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("workers/jwt-worker.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@mortise/source", "workerd", "worker", "browser"],
    define: { KEYS: JSON.stringify({ EdDSA: ed.pem, ES256: es.pem }) },
    write: false,
  })
  const contents = outputFiles[0]?.text ?? ""
  expect(contents).not.toMatch(/(from|import|require)\s*\(?["']node:/)
  const modules = [{ type: "ESModule" as const, path: "jwt-worker.mjs", contents }]
  worker = new Miniflare({ modules, compatibilityDate: "2026-04-01", cf: false })
  await worker.ready
})
afterAll(() => worker.dispose())

/** One host of the Worker, as tests have one in their own process. */
function hostIn(name: string) {
  let ahead = 0
  const auth = {
    async handle(request: Request): Promise<Response> {
      const headers = {
        ...Object.fromEntries(request.headers),
        "test-host": name,
        "test-advance": `${ahead}`,
      }
      ahead = 0
      const body = request.method === "GET" ? {} : { body: await request.text() }
      const answer = await worker.dispatchFetch(request.url, { method: request.method, headers, ...body })
      return new Response(await answer.text(), { status: answer.status, headers: [...answer.headers] })
    },
  }
  const advance = (ms: number): void => {
    ahead += ms
  }
  return { auth, advance, browser: () => testClient(auth, { origin }) }
}

async function userIn(answer: Response): Promise<unknown> {
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { user: { claims: { email: string } } | null }).user?.claims.email
}

describe.each(algorithms)("%s in workerd", (alg) => {
  test("a browser signs in, is known, goes on in the grace period, and is out after it", async () => {
    const { advance, browser } = hostIn(`jwt ${alg}`)
    const mine = browser()
    expect((await mine.post("/auth/register", { json: ada })).status).toBe(202)
    expect((await mine.post("/auth/login", { json: ada })).status).toBe(200)
    const first = tokenIn(mine)
    expect(partOf(first, 0)).toMatchObject({ alg, typ: "session+jwt" })
    expect(await userIn(await mine.get("/auth/session"))).toBe(ada.email)
    for (const part of [1, 2]) {
      const parts = first.split(".")
      parts[part] = `${parts[part]?.startsWith("e") ? "f" : "e"}${parts[part]?.slice(1)}`
      const headers = { cookie: `__Host-session=${parts.join(".")}` }
      expect(await userIn(await browser().get("/auth/session", { headers }))).toBeUndefined()
    }

    advance(12 * hour)
    expect(await userIn(await mine.get("/auth/session"))).toBe(ada.email)
    const second = tokenIn(mine)
    expect(Number(partOf(second, 1)["iat"])).toBe(Number(partOf(first, 1)["iat"]) + 12 * 3600)
    advance(2 * hour)
    expect((await mine.post("/auth/refresh", { json: {} })).status).toBe(200)
    expect(Number(partOf(tokenIn(mine), 1)["iat"])).toBe(Number(partOf(second, 1)["iat"]) + 2 * 3600)
    const copied = { headers: { cookie: mine.cookieHeader() } }
    expect((await mine.post("/auth/logout", { json: {} })).status).toBe(200)
    expect(await userIn(await browser().get("/auth/session", copied))).toBeUndefined()

    await mine.post("/auth/login", { json: ada })
    advance(13 * hour)
    expect(await userIn(await mine.get("/auth/session"))).toBeUndefined()
  })

  test("a client that keeps its tokens itself signs in, refreshes, and is out when it uses an old one", async () => {
    const host = hostIn(`tokens ${alg}`)
    const client = await prover()
    let now = Date.UTC(2026, 10, 20)
    expect((await send(host.auth, "POST", "/auth/register", { json: ada })).status).toBe(202)
    const signIn = async (headers: Readonly<Record<string, string>> = {}): Promise<Tokens> => {
      const asking = { json: ada, headers: { "mortise-session": "tokens", ...headers } }
      const { body, status } = await send(host.auth, "POST", "/auth/login", asking)
      expect(status).toBe(200)
      return body
    }
    const first = await signIn()
    expect(partOf(first.access_token, 0)).toMatchObject({ alg })
    const id = payloadOf(first.access_token)["sub"]
    expect(await whoIs(host, first.access_token)).toBe(id)
    const advance = (ms: number): void => {
      now += ms
      host.advance(ms)
    }
    advance(400 * second)
    expect(await whoIs(host, first.access_token)).toBeNull()
    const next = await refreshWith(host, first.refresh_token)
    expect([next.status, await whoIs(host, next.body.access_token)]).toEqual([200, id])
    expect((await refreshWith(host, first.refresh_token)).body.refresh_token).toBe(next.body.refresh_token)
    advance(31 * second)
    expect(outcomeOf(await refreshWith(host, first.refresh_token))).toBe("refresh_token_reused")
    expect(await whoIs(host, next.body.access_token)).toBeNull()

    const bound = await signIn({ dpop: await client.prove({ method: "POST", path: "/auth/login", now }) })
    expect(bound.token_type).toBe("DPoP")
    expect(outcomeOf(await refreshWith(host, bound.refresh_token))).toBe("dpop_proof_invalid")
    const dpop = await client.prove({ method: "POST", path: "/auth/refresh", now })
    expect(outcomeOf(await refreshWith(host, bound.refresh_token, { dpop }))).toBe("ok")
  })
})

test.each(["EdDSA", "ES256"] as const)("%s: what workerd signs, anybody checks by its JWKS", async (alg) => {
  const { auth, browser } = hostIn(`jwt ${alg}`)
  const mine = browser()
  await mine.post("/auth/register", { json: ada })
  await mine.post("/auth/login", { json: ada })
  const keys = await (await auth.handle(new Request(`${origin}/auth/jwks`))).json()
  const currentDate = new Date(Number(partOf(tokenIn(mine), 1)["iat"]) * 1000)
  const expected = { issuer: origin, audience: origin, typ: "session+jwt", currentDate }
  const checked = await jwtVerify(tokenIn(mine), createLocalJWKSet(keys), expected)
  expect(checked.payload).toMatchObject({ email: ada.email })
  await jwtVerify(tokenIn(mine), await importSPKI(published[alg].publicPem, alg), expected)
})

/** `passkeys()` in workerd, without Node's modules: what a real key has made and signed is checked there. */
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { Miniflare } from "miniflare"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type TestClient, testClient } from "../../src/testing/test-client.js"
import { ada, origin } from "../app.js"
import { authenticator, registered, signedInBy, whoIs } from "./passkey-app.js"

let worker: Miniflare
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("workers/passkey-worker.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@mortise/source", "workerd", "worker", "browser"],
    write: false,
  })
  const contents = outputFiles[0]?.text ?? ""
  expect(contents).not.toMatch(/(from|import|require)\s*\(?["']node:/)
  const modules = [{ type: "ESModule" as const, path: "passkey-worker.mjs", contents }]
  worker = new Miniflare({ modules, compatibilityDate: "2026-04-01", cf: false })
  await worker.ready
})
afterAll(() => worker.dispose())

function browser(): TestClient {
  const auth = {
    async handle(request: Request): Promise<Response> {
      const body = request.method === "GET" ? {} : { body: await request.text() }
      const headers = Object.fromEntries(request.headers)
      const answer = await worker.dispatchFetch(request.url, { method: request.method, headers, ...body })
      return new Response(await answer.text(), { status: answer.status, headers: [...answer.headers] })
    },
  }
  return testClient(auth, { origin })
}

test.each(["ES256", "EdDSA", "RS256"] as const)(
  "%s: registers, signs in, and refuses what is not signed so",
  async (algorithm) => {
    const mine = browser()
    const who = { ...ada, email: `${algorithm.toLowerCase()}@example.com` }
    expect((await mine.post("/auth/register", { json: who })).status).toBe(202)
    expect((await mine.post("/auth/login", { json: who })).status).toBe(200)
    const key = authenticator({ algorithm })
    expect(
      await registered(mine, authenticator({ algorithm }), { lie: { origin: "https://evil.example" } }),
    ).toBe("passkey_invalid")
    expect(await registered(mine, key)).toBe("ok")
    const elsewhere = browser()
    for (const lie of [{ origin: "https://evil.example" }, { verified: false }, { rpId: "evil.example" }])
      expect(await signedInBy(elsewhere, key, lie)).toBe("passkey_invalid")
    const stranger = authenticator({ algorithm })
    await registered(mine, stranger, { lie: { origin: "https://evil.example" } })
    expect(await signedInBy(elsewhere, stranger)).toBe("passkey_invalid")
    expect(await signedInBy(elsewhere, key)).toBe("ok")
    expect(await whoIs(elsewhere)).toMatchObject({ methods: ["hwk", "user", "mfa"] })
  },
)

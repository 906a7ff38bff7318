import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { startPostgres } from "../../../tools/services/postgres.mjs"
import { build } from "../build.mjs"
import { type DemoOptions, dataDirectory, type RunningDemo, startDemo } from "./running-demo.js"

let postgres: Awaited<ReturnType<typeof startPostgres>>
let data: Awaited<ReturnType<typeof dataDirectory>>
let running: RunningDemo | undefined

beforeAll(async () => {
  ;[postgres, data] = await Promise.all([startPostgres(), dataDirectory(), build()])
})
afterEach(() => running?.stop())
afterAll(() => Promise.all([postgres?.stop(), data?.remove()]))

const ids = (...names: string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => [
      [`${name}_CLIENT_ID`, `${name}-id`],
      [`${name}_CLIENT_SECRET`, `${name}-secret`],
    ]),
  )

async function start(options: DemoOptions): Promise<RunningDemo> {
  const env = { DATABASE_URL: postgres.url, DATA_DIR: data.path, ...options.env }
  running = await startDemo({ ...options, env })
  return running
}

async function signInPage({ url }: RunningDemo): Promise<{ page: string; policy: string }> {
  const response = await fetch(`${url}/sign-in`)
  return { page: await response.text(), policy: response.headers.get("content-security-policy") ?? "" }
}

describe("with ids of its own", () => {
  test("each button leads to the real provider, which the policy lets forms lead to, and to no stand-in", async () => {
    const demo = await start({ env: ids("GOOGLE", "GITHUB", "MICROSOFT") })
    expect(demo.lines.join("\n")).not.toContain("stand-in")
    const { page, policy } = await signInPage(demo)
    expect(page).not.toContain("stand-in")

    const addresses = await Promise.all(
      ["google", "github", "microsoft"].map(async (name) => {
        expect(page).toContain(`action="/auth/oauth/${name}"`)
        const started = await fetch(`${demo.url}/auth/oauth/${name}`, {
          method: "POST",
          body: new URLSearchParams(),
          redirect: "manual",
        })
        const address = new URL(started.headers.get("location") ?? "")
        expect(policy).toContain(` ${address.origin}`)
        expect(Object.fromEntries(address.searchParams)).toMatchObject({
          client_id: `${name.toUpperCase()}-id`,
          code_challenge_method: "S256",
          redirect_uri: `${demo.url}/auth/oauth/${name}/callback`,
        })
        return address.origin + address.pathname
      }),
    )
    expect(addresses).toEqual([
      "https://accounts.google.com/o/oauth2/v2/auth",
      "https://github.com/login/oauth/authorize",
      "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    ])
  })

  test("the others are not offered", async () => {
    const { page, policy } = await signInPage(await start({ env: ids("GITHUB") }))
    expect(page).toContain("Continue with GitHub")
    expect(page).not.toMatch(/Continue with (?:Google|Microsoft)/)
    expect(policy).toContain("form-action 'self' https://github.com;")
  })

  test("half of them is said", async () => {
    const env = { GOOGLE_CLIENT_ID: "id" }
    await expect(start({ env })).rejects.toThrow("GOOGLE_CLIENT_SECRET is missing beside GOOGLE_CLIENT_ID.")
  })
})

test("a server without ids and without a stand-in offers passwords only", async () => {
  const demo = await start({ program: "server", env: { AUTH_SECRET: crypto.randomUUID() } })
  const { page, policy } = await signInPage(demo)
  expect(page).toContain('action="/auth/login"')
  expect(page).not.toContain("/auth/oauth/")
  expect(policy).toContain("form-action 'self';")
  expect((await fetch(`${demo.url}/link-account`)).status).toBe(200)
  const started = await fetch(`${demo.url}/auth/oauth/google`, { method: "POST" })
  expect(started.status).toBe(404)
})

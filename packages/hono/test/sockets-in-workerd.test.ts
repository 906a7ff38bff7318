import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { Miniflare } from "miniflare"
import { afterAll, beforeAll, expect, test } from "vitest"

const origin = "https://app.example.com"
const ada = { email: "ada@example.com", password: "correct horse battery staple" }

let worker: Miniflare
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("workers/socket-worker.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@mortise/source", "workerd", "worker", "browser"],
    external: ["node:*"],
    write: false,
  })
  const contents = outputFiles[0]?.text ?? ""
  worker = new Miniflare({
    modules: [{ type: "ESModule", path: "socket-worker.mjs", contents }],
    compatibilityDate: "2026-04-01",
    compatibilityFlags: ["nodejs_compat"],
    cf: false,
  })
  await worker.ready
})
afterAll(() => worker.dispose())

interface WorkerClient {
  readonly got: string[]
  readonly closed: Promise<{ readonly code: number; readonly reason: string; readonly at: number }>
  say(message: unknown): void
}

async function open(headers: Readonly<Record<string, string>> = {}): Promise<WorkerClient> {
  const answer = await worker.dispatchFetch(`${origin}/ws`, {
    headers: { upgrade: "websocket", origin, ...headers },
  })
  const { webSocket } = answer
  if (!webSocket) throw new Error(`refused ${answer.status}`)
  const got: string[] = []
  const closed: WorkerClient["closed"] = new Promise((resolve) => {
    webSocket.addEventListener("close", ({ code = 0, reason = "" }) =>
      resolve({ code, reason, at: Date.now() }),
    )
  })
  webSocket.addEventListener("message", ({ data }) => void got.push(String(data)))
  webSocket.accept()
  return {
    ...{ got, closed },
    say: (message) => webSocket.send(typeof message === "string" ? message : JSON.stringify(message)),
  }
}

function post(path: string, json: object, cookie = "") {
  const headers = { origin, "content-type": "application/json", ...(cookie && { cookie }) }
  return worker.dispatchFetch(`${origin}${path}`, { method: "POST", headers, body: JSON.stringify(json) })
}

async function signIn(): Promise<{ cookie: string; token: string; userId: string }> {
  await post("/auth/register", ada)
  const answer = await post("/auth/login", ada)
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const { user } = (await answer.json()) as { user: { id: string } }
  return { cookie, token: cookie.slice(cookie.indexOf("=") + 1), userId: user.id }
}

const sizeOf = async (): Promise<string> => (await worker.dispatchFetch(`${origin}/size`)).text()

test("by cookie, by message, with answers; refused as anywhere", async () => {
  const { cookie, token, userId } = await signIn()
  const sockets = [await open({ cookie }), await open()]
  sockets[1]?.say({ type: "Authenticate", user_id: userId, session_token: token })
  for (const socket of sockets) {
    await expect.poll(() => socket.got[0] ?? "").toContain("AuthSuccess")
    socket.say("hello")
    await expect.poll(() => socket.got.at(-1)).toBe("heard hello")
  }
  await expect(open({ cookie, origin: "https://evil.example" })).rejects.toThrow("refused 403")
  expect((await worker.dispatchFetch(`${origin}/ws`)).status).toBe(426)
  const bad = await open()
  bad.say({ type: "Authenticate", user_id: userId, session_token: "x" })
  expect(await bad.closed).toMatchObject({ code: 4401, reason: "not_signed_in" })
})

// What must come in time is tried again if it fails: a machine that is busy with something else takes longer for everything.
test("who never sends is closed in time", { retry: 2 }, async () => {
  const before = Date.now()
  const { closed } = await open()
  const { at, code } = await closed
  expect(code).toBe(4408)
  expect(at - before).toBeLessThan(2_500)
})

test("another request ends the session: closed within a second, and nothing is left", {
  retry: 2,
}, async () => {
  const { cookie } = await signIn()
  const { closed, got } = await open({ cookie })
  await expect.poll(() => got.length).toBe(1)
  const before = Date.now()
  expect((await post("/auth/logout", {}, cookie)).status).toBe(200)
  const { at, code, reason } = await closed
  expect([code, reason]).toEqual([4401, "session_ended"])
  expect(at - before).toBeLessThan(1_000)
})

test("it expires: closed within a second, though it was read every second before", { retry: 2 }, async () => {
  const { cookie } = await signIn()
  const { closed, got } = await open({ cookie })
  await expect.poll(() => got.length).toBe(1)
  const { expires_at } = JSON.parse(got[0] ?? "") as { expires_at: number }
  const { at, code, reason } = await closed
  expect([code, reason]).toEqual([4401, "session_expired"])
  expect(at).toBeGreaterThanOrEqual(expires_at - 50)
  expect(at - expires_at).toBeLessThan(1_000)
  await expect.poll(sizeOf, { timeout: 5_000 }).toBe("0")
})

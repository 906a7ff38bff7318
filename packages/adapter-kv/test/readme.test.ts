import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build, type Plugin } from "esbuild"
import { Miniflare, Response as MiniflareResponse } from "miniflare"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { strictOnly } from "./strict-only.js"

/* What a reader copies from the README is what runs here, in workerd, with the bindings of its wrangler file. */

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const worker = /<!-- quick-start[^\n]*-->\n```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ""
const wrangler = JSON.parse((/```jsonc\n([\s\S]*?)```/.exec(readme)?.[1] ?? "").replaceAll(/ \/\/ .*$/gm, ""))
const origin = "https://app.example.com"

/** What the README leaves to the host: its table, and who mails. */
const own: Readonly<Record<string, string>> = {
  "./accounts": `import { memoryStores } from "@mortise/core/memory"; export const { users } = memoryStores()`,
  "./mail": `export const send = ({ url }) => fetch("https://mail.example.com/", { method: "POST", body: url })`,
}
const hostFiles: Plugin = {
  name: "host-files",
  setup(building) {
    building.onResolve({ filter: /^\.\/(?:accounts|mail)$/ }, ({ path }) => ({ path, namespace: "host" }))
    building.onLoad({ filter: /./, namespace: "host" }, ({ path }) => ({
      contents: own[path] ?? "",
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
    }))
  },
}

/** The links that were mailed. */
const links: string[] = []

let miniflare: Miniflare

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: worker, loader: "ts", resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    format: "esm",
    write: false,
    target: "es2022",
    platform: "browser",
    conditions: ["@mortise/source", "workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    plugins: [hostFiles],
  })
  const [{ bindings }, [migration]] = [wrangler.durable_objects, wrangler.migrations]
  expect(bindings.map((each: { class_name: string }) => each.class_name)).toEqual(
    migration.new_sqlite_classes,
  )
  miniflare = new Miniflare({
    modules: [{ type: "ESModule", path: "worker.mjs", contents: outputFiles[0]?.text ?? "" }],
    compatibilityDate: wrangler.compatibility_date,
    cf: false,
    async outboundService(request: { text(): Promise<string> }) {
      links.push(await request.text())
      return new MiniflareResponse("sent")
    },
    bindings: { AUTH_SECRET: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u" },
    kvNamespaces: wrangler.kv_namespaces.map(({ binding }: { binding: string }) => binding),
    durableObjects: Object.fromEntries(
      bindings.map((each: { name: string; class_name: string }) => [
        each.name,
        { className: each.class_name, useSQLite: true },
      ]),
    ),
  })
  await miniflare.ready
})
afterAll(() => miniflare.dispose())

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly cookie: string
}

async function send(path: string, json?: object, cookie = ""): Promise<Answer> {
  const answer = await miniflare.dispatchFetch(origin + path, {
    method: json ? "POST" : "GET",
    headers: { origin, "content-type": "application/json", cookie },
    ...(json ? { body: JSON.stringify(json) } : {}),
  })
  const [set = ""] = answer.headers.getSetCookie()
  return { status: answer.status, body: Object(await answer.json()), cookie: set.split(";")[0] ?? "" }
}

test("the quick start mails a link, knows who opens it at once, and forgets", async () => {
  const asked = await send("/auth/magic-link", { email: "ada@example.com" })
  expect(asked.status).toBe(202)
  await expect.poll(() => links.length).toBe(1)
  const token = new URL(links[0] ?? "").searchParams.get("token")
  expect((await send("/auth/magic-link/confirm", { token: `${token}x` })).status).toBe(400)
  const signedIn = await send("/auth/magic-link/confirm", { token })
  expect(signedIn.status).toBe(200)
  expect((await send("/auth/magic-link/confirm", { token })).status).toBe(410)
  const { keys } = await (await miniflare.getKVNamespace("SESSIONS")).list()
  expect(keys.map(({ name }) => name.split(":")[1]).sort(), "one session, and its index").toEqual([
    "session",
    "user",
  ])
  expect((await send("/auth/session", undefined, signedIn.cookie)).body.user).not.toBeNull()
  expect((await send("/auth/logout", {}, signedIn.cookie)).status).toBe(200)
  expect((await send("/auth/session", undefined, signedIn.cookie)).body.user).toBeNull()
}, 30_000)

describe("what the README says", () => {
  test("its key table has every kind of key, and no other", () => {
    const documented = [...readme.matchAll(/^\| `mortise:(\w+):/gm)].map(([, kind]) => kind)
    const source = readFileSync(new URL("../src/kv/keys.ts", import.meta.url), "utf8")
    const kinds = [...source.matchAll(/\$\{prefix\}(\w+):/g)].map(([, kind]) => kind)
    expect(documented.sort()).toEqual([...new Set(kinds)].sort())
  })

  test("every check that KV does not pass has its reason there", () => {
    const reasons = new Map([
      ["ids are not looked up before they are taken", "An id that is taken is not refused."],
      ["epochs are instants", "`epoch` is the instant of the last revocation, not a count."],
      [
        "no step is indivisible",
        "Of several `replace` or `delete` of one session at once, each can answer true.",
      ],
    ])
    expect(new Set(Object.values(strictOnly))).toEqual(new Set(reasons.keys()))
    for (const sentence of reasons.values()) expect(readme).toContain(sentence)
  })
})

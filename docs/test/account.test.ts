import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import * as theAccount from "../../packages/core/src/account.js"
import * as password from "../../packages/core/src/password.js"
import type { Stores } from "../../packages/core/src/stores/ports.js"
import { testClient } from "../../packages/core/src/testing/test-client.js"
import { testHasher } from "../../packages/core/src/testing/test-hasher.js"
import { core, memory } from "../../packages/core/test/oauth/page-modules.js"
import { codeBlocks, complaintsOfAll, runBlock } from "../../packages/hono/test/readme-code.js"

const page = readFileSync("docs/flows/account.md", "utf8")
const blocks = codeBlocks(new URL("../flows/account.md", import.meta.url))
const origin = "https://app.example.com"
const ada = { email: "ada@example.com", password: "correct horse battery staple" }

describe("docs/flows/account.md", () => {
  test("compiles", () => {
    const place = new URL("../../packages/core/test/", import.meta.url)
    expect(blocks).toHaveLength(1)
    expect(complaintsOfAll([...blocks], place)).toEqual([])
  }, 120_000)

  test("its host exports its articles, takes consents by the form on the page, and erases", async () => {
    const kept = new Map<string, object[]>()
    const { accountOf } = runBlock(blocks[0] ?? "", { "@mortise/core/account": theAccount }) as {
      accountOf(
        articles: object,
        send: () => Promise<void>,
      ): ReturnType<typeof theAccount.account<"newsletter">>
    }
    const articles = {
      of: async (id: string) => kept.get(id) ?? [],
      deleteOf: async (id: string) => void kept.delete(id),
    }
    const stores: Stores = memory.memoryStores()
    const auth = core.createAuth({
      ...{ origin, secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u", stores, sessions: core.opaque() },
      flows: {
        password: password.password({ hasher: testHasher() }),
        account: accountOf(articles, async () => {}),
      },
    })
    await auth.flows.password.register(ada)
    const { id = "" } = (await stores.users.findByEmail(ada.email)) ?? {}
    kept.set(id, [{ title: "On locks", text: "…" }])
    const browser = testClient(auth, { origin })
    await browser.post("/auth/login", { json: ada })
    const [given = "", withdrawn = ""] = page.split("<form ").slice(1)
    for (const [form, counts] of [
      [given, true],
      [withdrawn, false],
    ] as const) {
      const fields = Object.fromEntries(
        [...form.matchAll(/name="(\w+)" value="([^"]+)"/g)].map(([, name, value]) => [name, value]),
      )
      const action = /action="([^"]+)"/.exec(form)?.[1] ?? ""
      expect((await browser.post(action, { form: fields })).status).toBe(303)
      expect(await auth.flows.account.hasConsent(id, "newsletter")).toBe(counts)
    }
    const exported = await (await browser.get("/auth/account/export")).json()
    expect(exported.parts).toEqual({ articles: [{ title: "On locks", text: "…" }] })
    const documented = (page.split("## Export")[1]?.split("\n## ")[0] ?? "").matchAll(
      /^\| ((?:`\w+`(?:, )?)+)/gm,
    )
    const named = [...documented].flatMap(([, names = ""]) => names.replaceAll("`", "").split(", "))
    expect(new Set(["format", ...named])).toEqual(new Set(Object.keys(exported)))
    expect((await browser.delete("/auth/account")).status).toBe(200)
    expect([kept.size, await stores.users.find(id)]).toEqual([0, undefined])
  })
})

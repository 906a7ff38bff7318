import { testClient } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import { ada, type Cluster, cluster, origin, wirings } from "./servers.js"

let opened: Cluster | undefined
afterEach(() => opened?.close())

describe.each(wirings)("a dump of the stores, %s", (wiring) => {
  test("holds no bearer secret, and nothing in it opens a session", async () => {
    opened = await cluster(wiring, { limits: { account: { free: 1_000_000 }, address: { free: 1_000_000 } } })
    const { a, dump } = opened
    await a.auth.flows.password.register(ada)
    const browser = testClient(a.auth, { origin })
    await browser.post("/auth/login", { json: ada })
    await browser.post("/auth/login", { json: { ...ada, password: "not the right phrase" } })
    const token = browser.cookies.get("__Host-session") ?? ""
    expect((await (await browser.get("/auth/session")).json()).user).not.toBeNull()

    const text = await dump()
    expect(text).toContain(token.slice(0, 22))
    expect(text).not.toContain(token.slice(23))

    const words = [...new Set(text.match(/[\w-]{16,}/g))]
    expect(words.length).toBeGreaterThan(5)
    const cookies = words.flatMap((word) => [word, `${token.slice(0, 22)}.${word}`])
    for (const cookie of cookies) {
      const answer = await testClient(a.auth, { origin }).get("/auth/session", {
        headers: { cookie: `__Host-session=${cookie}` },
      })
      expect((await answer.json()).user).toBeNull()
    }
    for (const word of words)
      expect((await a.auth.flows.password.signIn({ ...ada, password: word })).ok).toBe(false)
  })
})

import { describe, expect, test } from "vitest"
import type { PasswordVerifier } from "../../src/hashing/hasher.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada, app, appWithAda, type Host } from "../app.js"

const foreign = "foreign:hash"

/** A host whose hasher and verifier note what they read, on the stores of one where ada has an account. */
async function reading(secret?: string) {
  const before = await appWithAda()
  const stored = await before.stores.credentials.find("password", before.user.id)
  if (!stored) throw new Error("no password")
  if (secret !== undefined)
    await before.stores.credentials.replace(
      { ...stored, secret, revision: stored.revision + 1 },
      stored.revision,
    )

  const { read, decoy, ...rest } = testHasher({ version: 2 })
  const [own, others, decoys]: [string[], string[], string[]] = [[], [], []]
  const hasher = {
    ...rest,
    read(text: string) {
      own.push(text)
      return read(text)
    },
    decoy() {
      decoys.push(decoy())
      return decoy()
    },
  }
  const verifier: PasswordVerifier = {
    algorithm: "foreign",
    read(text) {
      others.push(text)
      return text === foreign ? { verify: async (password) => password === ada.password } : undefined
    },
  }
  const host: Host = app({ stores: before.stores, hasher, password: { verifiers: [verifier] } })
  return { host, stored: secret ?? stored.secret, own, others, decoys, decoy: decoy() }
}

describe("of a stored hash, a sign-in", () => {
  test("reads it once, although it verifies it and sees that it is outdated", async () => {
    const { host, stored, own, others } = await reading()
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
    expect(host.events.map((event) => event.type)).toContain("password.rehashed")
    expect([own, others]).toEqual([[stored], []])
  })

  test("reads it once when the password is wrong", async () => {
    const { host, stored, own, others } = await reading()
    expect((await host.auth.flows.password.signIn({ ...ada, password: "wrong" })).ok).toBe(false)
    expect([own, others]).toEqual([[stored], []])
  })

  test("reads a foreign one once with each", async () => {
    const { host, own, others } = await reading(foreign)
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(true)
    expect(host.events.map((event) => event.type)).toContain("password.rehashed")
    expect([own, others]).toEqual([[foreign], [foreign]])
  })

  test("reads what nobody reads once with each, and then a decoy", async () => {
    const { host, own, others, decoy } = await reading("!")
    expect((await host.auth.flows.password.signIn(ada)).ok).toBe(false)
    expect([own, others]).toEqual([["!", decoy], ["!"]])
    expect(host.hasher.computed()).toBe(1)
  })

  test("reads a decoy once where there is none, always the same", async () => {
    const { host, own, others, decoy, decoys } = await reading()
    for (let n = 1; n <= 3; n++) {
      expect((await host.auth.flows.password.signIn({ ...ada, email: "nobody@example.com" })).ok).toBe(false)
      expect([own, others, decoys]).toEqual([Array(n).fill(decoy), [], [decoy]])
      expect(host.hasher.computed()).toBe(n)
    }
  })
})

import { race } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import { playFamilies } from "../../packages/core/test/refresh/family-model.js"
import { prover } from "../../packages/core/test/refresh/prover.js"
import {
  type Heard,
  outcomeOf,
  refreshWith,
  send,
  type Tokens,
  whoIs,
} from "../../packages/core/test/refresh/token-app.js"
import { type TokenCluster, type TokenServer, tokenCluster } from "./refresh-servers.js"
import { ada, wirings } from "./servers.js"

let opened: TokenCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

function tally(heard: readonly Heard[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const one of heard) counts[outcomeOf(one)] = (counts[outcomeOf(one)] ?? 0) + 1
  return counts
}

async function signIn(
  { auth }: TokenServer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Tokens> {
  const asking = { json: ada, headers: { "mortise-session": "tokens", ...headers } }
  const heard = await send(auth, "POST", "/auth/login", asking)
  if (heard.status !== 200) throw new Error(outcomeOf(heard))
  return heard.body
}

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(grace?: 0): Promise<TokenCluster> {
    opened = await tokenCluster(wiring, grace)
    return opened
  }

  function typesOf({ a, b }: TokenCluster): readonly string[] {
    return [...a.events, ...b.events].map(({ type }) => type)
  }

  function expectNoFaults({ a, b }: TokenCluster): void {
    expect([...a.faults, ...b.faults]).toEqual([])
  }

  test("32 refreshes with one token at once: one successor, which goes on; told once", async () => {
    const all = await open()
    const { a, b, user } = all
    let { refresh_token } = await signIn(a)
    for (let round = 1; round <= 5; round++) {
      const token = refresh_token
      const heard = await race(32, [() => refreshWith(a, token), () => refreshWith(b, token)])
      expect(tally(heard)).toEqual({ ok: 32 })
      const successors = [...new Set(heard.map(({ body }) => body.refresh_token))]
      expect(successors).toHaveLength(1)
      for (const { body } of heard) expect(await whoIs(b, body.access_token)).toBe(user.id)
      refresh_token = successors[0] ?? ""
      expect(refresh_token.split(".")[1]).toBe(`${round}`)
      expect(typesOf(all).filter((type) => type === "session.renewed")).toHaveLength(round)
    }
    expect(await a.auth.sessions.list(user.id)).toHaveLength(1)
    expectNoFaults(all)
  })

  test("strict, 16 with one token at once: one success at most, and the session has ended", async () => {
    const all = await open(0)
    const { a, b, user } = all
    const { refresh_token } = await signIn(a)
    const heard = await race(16, [() => refreshWith(a, refresh_token), () => refreshWith(b, refresh_token)])
    const { ok = 0, refresh_token_invalid: invalid = 0, refresh_token_reused: reused = 0 } = tally(heard)
    expect(ok).toBeLessThanOrEqual(1)
    expect(ok + reused + invalid).toBe(16)
    const types = typesOf(all)
    expect(types.filter((type) => type === "session.renewed")).toHaveLength(1)
    expect(types.filter((type) => type === "refresh_token.reused")).toHaveLength(1)
    for (const { body } of heard) {
      if (!body.access_token) continue
      expect(await whoIs(b, body.access_token)).toBeNull()
      expect(outcomeOf(await refreshWith(a, body.refresh_token))).toBe("refresh_token_reused")
    }
    expect(await a.auth.sessions.list(user.id)).toEqual([])
    expectNoFaults(all)
  })

  test("16 uses of one proof at once: one", async () => {
    const all = await open()
    const { a, b, clock } = all
    const client = await prover()
    const now = clock()
    const { refresh_token } = await signIn(a, {
      dpop: await client.prove({ method: "POST", path: "/auth/login", now }),
    })
    const dpop = await client.prove({ method: "POST", path: "/auth/refresh", now })
    const heard = await race(16, [
      () => refreshWith(a, refresh_token, { dpop }),
      () => refreshWith(b, refresh_token, { dpop }),
    ])
    expect(tally(heard)).toEqual({ ok: 1, dpop_proof_invalid: 15 })
    expectNoFaults(all)
  })

  test("a thief's grandparent among 15 of the owner's: nobody has a live token afterwards", async () => {
    const all = await open()
    const { a, b } = all
    for (let round = 0; round < 6; round++) {
      const first = await signIn(a)
      const second = (await refreshWith(a, first.refresh_token)).body
      const third = (await refreshWith(b, second.refresh_token)).body
      const heard = await race(16, [
        (n) => refreshWith(n % 2 ? a : b, (n === round ? first : third).refresh_token),
      ])
      expect(tally(heard.filter((_, n) => n === round))).toEqual({ refresh_token_reused: 1 })
      for (const { access_token, refresh_token } of [third, ...heard.map(({ body }) => body)]) {
        if (!access_token) continue
        expect(await whoIs(b, access_token)).toBeNull()
        expect(outcomeOf(await refreshWith(a, refresh_token))).not.toBe("ok")
      }
    }
    expectNoFaults(all)
  })

  test.each(["one", "all", "disabled"])(
    "16 refreshes meet the end (%s): whatever came first, nothing lives",
    async (end) => {
      const all = await open()
      const { a, b, user } = all
      for (let round = 0; round < 6; round++) {
        const first = await signIn(a)
        const [{ id = "" } = {}] = await a.auth.sessions.list(user.id)
        const heard = await race(17, [
          async (n) => {
            if (n !== round * 2) return (await refreshWith(n % 2 ? a : b, first.refresh_token)).body
            if (end === "one") await b.auth.sessions.end(user.id, id, "revoked", {})
            else if (end === "all") await b.auth.sessions.endAll(user.id, "revoked", {})
            else await b.auth.users.disable(user.id)
            return undefined
          },
        ])
        for (const one of [first, ...heard]) {
          if (!one?.access_token) continue
          expect(await whoIs(a, one.access_token)).toBeNull()
          expect(outcomeOf(await refreshWith(b, one.refresh_token))).not.toBe("ok")
        }
        expect(await a.auth.sessions.list(user.id)).toEqual([])
        await a.auth.users.enable(user.id)
      }
      expectNoFaults(all)
    },
  )

  test("a dump of everything signs nobody in", async () => {
    const { a, b, dump } = await open()
    const first = await signIn(a)
    const second = (await refreshWith(b, first.refresh_token)).body
    const text = await dump()
    for (const token of [first, second]) {
      const [family = "", , mac = ""] = token.refresh_token.split(".")
      for (const secret of [family, mac, token.access_token, token.access_token.split(".")[2] ?? ""])
        expect(text).not.toContain(secret)
    }
    const words = [...new Set(text.match(/[\w-]{16,}/g))]
    expect(words.length).toBeGreaterThan(4)
    for (const one of words) {
      expect(await whoIs(a, one)).toBeNull()
      for (const other of words) {
        const made = `${one.slice(0, 22)}.1.${other.slice(0, 43)}`
        expect(outcomeOf(await refreshWith(b, made))).toBe("refresh_token_invalid")
      }
    }
    expect(await whoIs(a, second.access_token)).not.toBeNull()
  })

  test("any history of owner, thief, lost answers, time and revocation goes as the model says", async () => {
    const all = await open()
    const { a, b, clock, user } = all
    const played = await playFamilies({ auths: [a.auth, b.auth], clock, userId: user.id }, 40)
    for (const name of ["rotated", "reused", "revoked", "over", "alive"])
      expect([name, played[name]]).toEqual([name, expect.toSatisfy((count: number) => count > 2)])
    expectNoFaults(all)
  })
})

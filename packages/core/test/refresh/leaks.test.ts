import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { secret } from "../app.js"
import { overheardStores } from "../oauth/overheard-stores.js"
import { prover } from "./prover.js"
import { outcomeOf, refreshWith, send, signIn, tokenApp, tokensOf, whoIs, withAda } from "./token-app.js"

/** Of a token whatever would be of use to somebody who finds it. */
function partsOf(token: string): readonly string[] {
  return [token, ...token.split(".").filter((part) => part.length > 20)]
}

describe("tokens stay where they are", () => {
  test("no token in any event, fault, refusal or inspection", async () => {
    const host = await withAda()
    const client = await prover()
    const now = host.clock()
    const dpop = await client.prove({ method: "POST", path: "/auth/login", now })
    const bound = (await signIn(host, { dpop })).body
    const first = await tokensOf(host)
    const second = (await refreshWith(host, first.refresh_token)).body
    const third = (await refreshWith(host, second.refresh_token)).body
    const refusals = [
      await refreshWith(host, first.refresh_token),
      await refreshWith(host, third.refresh_token),
      await refreshWith(host, bound.refresh_token, { dpop }),
      await refreshWith(host, `${third.refresh_token}x`),
      await send(host.auth, "GET", "/auth/sessions", {
        headers: { authorization: `Bearer ${third.access_token}` },
      }),
    ]
    const texts = [
      ...refusals.map(({ body, headers }) => JSON.stringify([body, [...headers]])),
      JSON.stringify(host.events),
      JSON.stringify(host.faults),
      inspect(host.auth, { depth: 9, showHidden: true, getters: true }),
      inspect(await host.auth.sessions.list(host.user.id), { depth: 9 }),
    ]
    const secrets = [first, second, third, bound].flatMap(({ access_token, refresh_token }) => [
      ...partsOf(refresh_token),
      access_token,
      access_token.split(".")[2] ?? "",
    ])
    for (const text of texts) {
      for (const hidden of [...secrets, dpop, secret]) expect(text).not.toContain(hidden)
    }
  })

  test("what the stores were given signs nobody in, in whatever way it is put together", async () => {
    const host = await withAda()
    const { heard, stores } = overheardStores(host.stores)
    const overheard = tokenApp({ clock: host.clock, stores })
    const first = await tokensOf(overheard)
    const second = (await refreshWith(overheard, first.refresh_token)).body
    const text = heard()
    for (const { access_token, refresh_token } of [first, second]) {
      for (const part of [...partsOf(refresh_token), access_token, access_token.split(".")[2] ?? ""])
        expect(text).not.toContain(part)
    }
    const words = [...new Set(text.match(/[\w-]{16,}/g))]
    expect(words.length).toBeGreaterThan(4)
    for (const one of words) {
      expect(await whoIs(host, one)).toBeNull()
      for (const other of words) {
        expect(outcomeOf(await refreshWith(host, `${one.slice(0, 22)}.1.${other.slice(0, 43)}`))).not.toBe(
          "ok",
        )
        expect(await host.auth.sessions.read(`${one.slice(0, 22)}.${other.slice(0, 43)}`)).toBeUndefined()
      }
    }
    expect(await whoIs(host, second.access_token)).toBe(host.user.id)
  })
})

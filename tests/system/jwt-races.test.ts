/** JWT sessions on two servers over one PostgreSQL and one Redis: renewed once by all, and never after they were revoked. */
import { generateKeyPairSync } from "node:crypto"
import type { JwtOptions, JwtRevocation } from "@mortise/core/jwt"
import { race } from "@mortise/core/testing"
import { afterEach, describe, expect, test } from "vitest"
import {
  type JwtCluster,
  type JwtServer,
  type JwtSession,
  jwtCluster,
  look,
  payloadOf,
  signIn,
} from "./jwt-servers.js"
import { ada, wirings } from "./servers.js"

const hour = 3_600_000
const next = "a quite different phrase"
const keeping: readonly Exclude<JwtRevocation, "none">[] = ["session", "user"]
const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()

let opened: JwtCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

describe.each(wirings)("two servers, %s", { timeout: 60_000 }, (wiring) => {
  async function open(options: JwtOptions, aheadMs = 0): Promise<JwtCluster> {
    opened = await jwtCluster(wiring, options, { aheadMs })
    return opened
  }

  function expectNoFaults({ a, b }: JwtCluster): void {
    expect([...a.faults, ...b.faults]).toEqual([])
  }

  /** Signed out for good: here and there, by whatever a browser can do with it. */
  async function expectDead({ a, b }: JwtCluster, tokens: readonly string[]): Promise<void> {
    for (const server of [a, b]) {
      for (const token of new Set(tokens)) {
        const { sessions } = server.auth
        expect(await look(server, token)).toEqual({ userId: undefined, token: undefined })
        expect(await sessions.read(token)).toBeUndefined()
        expect(await sessions.renew(token, {})).toBeUndefined()
        expect(await sessions.rotate(token, {})).toBeUndefined()
      }
    }
  }

  describe("32 parallel requests in the grace period", () => {
    // The clocks are apart, so that a token made by each server for itself would say so.
    test.each<[string, JwtOptions]>([
      ["HS256", {}],
      ["EdDSA", { keys: [{ alg: "EdDSA", key: pem }] }],
    ])(
      "session, %s: all answered, by one renewal and with one successor; five times over",
      async (_, options) => {
        const all = await open({ ...options, revocation: "session" }, 7_000)
        const { a, b, clock, user } = all
        const first = await signIn(a)
        let { token } = first
        for (let round = 1; round <= 5; round++) {
          clock.advance(12 * hour + 8_000)
          const looked = await race(32, [() => look(a, token), () => look(b, token)])
          expect(looked.map(({ userId }) => userId)).toEqual(looked.map(() => user.id))
          const successors = [...new Set(looked.map((one) => one.token ?? ""))]
          expect(successors).toEqual([expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)])
          const found = await a.stores.sessions.find(first.id)
          expect(found?.record.revision).toBe(round)
          const { exp, iat } = payloadOf(successors[0] ?? "")
          expect(iat).toBe(Math.floor((found?.record.lastSeenAt ?? 0) / 1000))
          expect(exp).toBe(Number(iat) + 12 * 3600)
          // A page that comes late with the old cookie, and one with the new.
          expect((await look(b, token)).token).toBe(successors[0])
          expect(await look(a, successors[0] ?? "")).toEqual({ userId: user.id, token: undefined })
          token = successors[0] ?? ""
        }
        expect(await a.auth.sessions.list(user.id)).toHaveLength(1)
        expectNoFaults(all)
      },
    )

    test("user: all answered; of the same second there is one successor", async () => {
      const all = await open({ revocation: "user" })
      const { a, b, clock, user } = all
      let { token } = await signIn(a)
      for (let round = 1; round <= 5; round++) {
        clock.advance(12 * hour + 1)
        const looked = await race(32, [() => look(a, token), () => look(b, token)])
        expect(looked.map(({ userId }) => userId)).toEqual(looked.map(() => user.id))
        const successors = [...new Set(looked.map((one) => one.token ?? ""))]
        expect(successors).toHaveLength(1)
        const iat = Math.floor(clock() / 1000)
        expect(payloadOf(successors[0] ?? "")).toMatchObject({ iat, exp: iat + 12 * 3600 })
        token = successors[0] ?? ""
      }
      expectNoFaults(all)
    })
  })

  test("16 rotations of one token among 16 renewals: one wins, and nothing but its token lives", async () => {
    const all = await open({ revocation: "session" })
    const { a, b, clock, user } = all
    for (let round = 0; round < 6; round++) {
      const own = await signIn(a)
      clock.advance(2 * hour)
      const serverOf = (n: number): JwtServer => (n % 4 < 2 ? a : b)
      const made = await race(32, [
        (n) => serverOf(n).auth.sessions.renew(own.token, {}),
        (n) => serverOf(n).auth.sessions.rotate(own.token, {}),
      ])
      const renewed = made.flatMap((one, n) => (one && n % 2 === 0 ? [one.token] : []))
      const rotated = made.flatMap((one, n) => (one && n % 2 === 1 ? [one.token] : []))
      expect(rotated).toHaveLength(1)
      await expectDead(all, [own.token, ...renewed])
      for (const server of [a, b]) expect((await look(server, rotated[0] ?? "")).userId).toBe(user.id)
      await b.auth.sessions.endAll(user.id, "revoked", {})
      await expectDead(all, rotated)
    }
    expectNoFaults(all)
  })

  describe.each(keeping)("revocation: %j", (revocation) => {
    /** What ends the session of a token while it is being renewed, and what the one who ends it has afterwards. */
    const endings: Readonly<
      Record<string, (server: JwtServer, cluster: JwtCluster, own: JwtSession) => Promise<string | undefined>>
    > = {
      "all are ended": async ({ auth }, { user }) => {
        await auth.sessions.endAll(user.id, "revoked", {})
        return undefined
      },
      "its user signs out": async ({ auth }, { user }, { id }) => {
        expect(await auth.sessions.end(user.id, id, "signed_out", {})).toBe(true)
        return undefined
      },
      "the own password is changed": async ({ auth }, _, { token }) => {
        const changed = await auth.flows.password.change({ current: ada.password, next }, { token })
        if (!changed.ok) throw new Error(changed.reason)
        return changed.session.token
      },
      "the account is disabled": async ({ auth }, { user }) => {
        expect(await auth.users.disable(user.id)).toEqual({ ok: true })
        return undefined
      },
    }

    test.each(Object.keys(endings))(
      "16 renewals while %s: whatever came first, nothing that was revoked is taken",
      async (name) => {
        const all = await open({ revocation })
        const { a, b, clock, user } = all
        for (let round = 0; round < 6; round++) {
          const own = await signIn(a)
          // Odd rounds in the grace period, by the answer's cookie; even ones before the end, by the route of the client.
          clock.advance(round % 2 ? 12 * hour + 1 : 2 * hour)
          const renewed = async (server: JwtServer): Promise<string | undefined> =>
            round % 2
              ? (await look(server, own.token)).token
              : (await server.auth.sessions.renew(own.token, {}))?.token
          let kept: string | undefined
          const made = await race(17, [
            async (n) => {
              const server = n % 2 ? a : b
              if (n !== round * 3) return renewed(server)
              kept = await endings[name]?.(server, all, own)
              return undefined
            },
          ])
          const tokens = [own.token, ...made.filter((token) => token !== undefined)]
          await expectDead(
            all,
            tokens.filter((token) => token !== kept),
          )
          clock.advance(1000)
          await expectDead(
            all,
            tokens.filter((token) => token !== kept),
          )
          if (kept !== undefined) {
            expect((await look(a, kept)).userId).toBe(user.id)
            expect((await look(b, kept)).userId).toBe(user.id)
            await a.auth.flows.password.set(user.id, ada.password)
            await expectDead(all, [kept])
          }
          expect(await a.auth.sessions.list(user.id)).toEqual([])
          await a.auth.users.enable(user.id)
        }
        expectNoFaults(all)
      },
    )

    describe.each([0, 30])("acceptStaleness: %i", (acceptStaleness) => {
      const revoking: Readonly<Record<string, (cluster: JwtCluster, own: JwtSession) => Promise<unknown>>> = {
        logout: ({ a, user }, { id }) => a.auth.sessions.end(user.id, id, "signed_out", {}),
        "an end of all": ({ a, user }) => a.auth.sessions.endAll(user.id, "revoked", {}),
        disabling: ({ a, user }) => a.auth.users.disable(user.id),
        "a change of role": ({ a, user }) => a.auth.sessions.endAll(user.id, "permissions_changed", {}),
        "a new password": ({ a, user }) => a.auth.flows.password.set(user.id, next),
        deletion: async ({ a, user }) => {
          await a.stores.users.delete(user.id)
          await a.auth.sessions.endAll(user.id, "revoked", {})
        },
      }

      test.each(Object.keys(revoking))(
        "%s takes effect as late as configured, and no later",
        async (name) => {
          const all = await open({ revocation, acceptStaleness })
          const { a, b, clock, user } = all
          const own = await signIn(a)
          expect([(await look(a, own.token)).userId, (await look(b, own.token)).userId]).toEqual([
            user.id,
            user.id,
          ])
          await revoking[name]?.(all, own)
          expect((await look(a, own.token)).userId).toBeUndefined()
          if (acceptStaleness > 0) {
            clock.advance(29_999)
            expect((await look(b, own.token)).userId).toBe(user.id)
            // Whoever writes asks the store.
            expect(await b.auth.sessions.rotate(own.token, {})).toBeUndefined()
            clock.advance(1)
          }
          await expectDead(all, [own.token])
          expect(b.events.at(-1)).toMatchObject({
            ...{ type: "session.token_refused", cause: "revoked" },
            ...{ userId: user.id, sessionId: own.id },
          })
          clock.advance(12 * hour)
          await expectDead(all, [own.token])
          expectNoFaults(all)
        },
      )

      test("what the other server has known for a moment is not renewed after it was revoked", async () => {
        const all = await open({ revocation, acceptStaleness })
        const { a, b, clock, user } = all
        const own = await signIn(a)
        clock.advance(12 * hour - 1000)
        expect((await look(b, own.token)).userId).toBe(user.id)
        await a.auth.sessions.endAll(user.id, "revoked", {})
        clock.advance(1000)
        const looked = await race(16, [() => look(b, own.token), () => look(a, own.token)])
        expect(new Set(looked.map(({ token }) => token))).toEqual(new Set([undefined]))
        clock.advance(29_000)
        await expectDead(all, [own.token])
      })
    })
  })
})

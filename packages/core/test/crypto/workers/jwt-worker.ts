/** Hosts whose sessions are JWTs, in a Worker. Built with the module, where nothing may be random, awaited or asked of a clock. */
import { type AnyAuth, createAuth, opaque, type SessionStrategy } from "@mortise/core"
import { type JwtAlgorithm, type JwtKey, jwt } from "@mortise/core/jwt"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { refreshTokens } from "@mortise/core/refresh"
import { type AdjustableClock, adjustableClock } from "../../../src/testing/adjustable-clock.js"
import { testHasher } from "../../../src/testing/test-hasher.js"

/** Put in by the build: PEM by algorithm; of HS256, the host's secret is the key. */
declare const KEYS: Readonly<Record<"EdDSA" | "ES256", string>>

interface WorkerHost {
  readonly auth: AnyAuth
  readonly clock: AdjustableClock
}

function hostWith(strategy: (keys: { readonly keys?: readonly JwtKey[] }) => SessionStrategy) {
  return (alg: JwtAlgorithm): WorkerHost => {
    const clock = adjustableClock(Date.UTC(2026, 10, 20))
    const auth = createAuth({
      origin: "https://app.example.com",
      secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
      stores: memoryStores({ clock }),
      sessions: strategy(alg === "HS256" ? {} : { keys: [{ alg, key: KEYS[alg] }] }),
      flows: { password: password({ hasher: testHasher() }) },
      claims: ({ email }) => ({ email }),
      clock,
    })
    return { auth, clock }
  }
}

const cookies = hostWith((keys) => jwt(keys))
const tokens = hostWith((keys) => refreshTokens({ beside: opaque(), ...keys }))
const hosts: Readonly<Record<string, WorkerHost>> = {
  ...{ "jwt HS256": cookies("HS256"), "jwt EdDSA": cookies("EdDSA"), "jwt ES256": cookies("ES256") },
  ...{ "tokens HS256": tokens("HS256"), "tokens EdDSA": tokens("EdDSA"), "tokens ES256": tokens("ES256") },
}

export default {
  /** One request to one of the hosts, whose clock goes on before. */
  async fetch(request: Request): Promise<Response> {
    const host = hosts[request.headers.get("test-host") ?? ""]
    if (!host) return new Response(null, { status: 404 })
    host.clock.advance(Number(request.headers.get("test-advance")))
    return host.auth.handle(request, "192.0.2.1")
  },
}

import { type Auth, createAuth, type SessionStrategy } from "@mortise/core"
import { jwt } from "@mortise/core/jwt"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { type AdjustableClock, adjustableClock, failingStores } from "@mortise/core/testing"
import { NextRequest } from "next/server.js"
import { testHasher } from "../../core/src/testing/test-hasher.js"

export const origin = "https://app.example.com"
export const ada = { email: "ada@example.com", password: "correct horse battery staple" }

/** What its sessions carry. */
export interface ShopClaims {
  readonly email: string
  readonly isSponsor: boolean
}

/** An `Auth` over memory stores that a test can break, with tokens that end. */
export interface Shop {
  readonly auth: Auth<{ readonly password: ReturnType<typeof password> }, ShopClaims>
  readonly clock: AdjustableClock
  /** From now on every call of every store fails. */
  breakStores(): void
  /** Registers somebody, signs them in, and answers the cookie that their browser would send. */
  signedIn(email?: string): Promise<string>
}

export const lifetime = 120_000
export const grace = 60_000

export function openShop(
  sessions: SessionStrategy<"sessions" | "users"> = jwt({ lifetime: "2m", grace: "1m" }),
): Shop {
  let broken = false
  const clock = adjustableClock()
  const { watched } = failingStores(memoryStores({ clock }), () => broken)
  const auth = createAuth({
    origin,
    secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
    stores: watched,
    sessions,
    flows: { password: password({ hasher: testHasher() }) },
    claims: (user): ShopClaims => ({ email: user.email, isSponsor: user.email.startsWith("ada") }),
    onFault: () => {},
    clock,
  })
  return {
    auth,
    clock,
    breakStores() {
      broken = true
    },
    async signedIn(email = ada.email) {
      await auth.flows.password.register({ ...ada, email })
      const outcome = await auth.flows.password.signIn({ ...ada, email })
      if (!outcome.ok) throw new Error(outcome.reason)
      return `__Host-session=${outcome.session.token}`
    },
  }
}

/** A request as Next hands it to a proxy or a route. */
export function request(
  path: string,
  { method = "GET", ...headers }: Readonly<Record<string, string>> = {},
): NextRequest {
  return new NextRequest(origin + path, { method, headers })
}

export const page = { accept: "text/html,application/xhtml+xml" }
export const script = { accept: "application/json" }

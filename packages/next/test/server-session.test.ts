import { createAuth } from "@mortise/core"
import { hasRole } from "@mortise/core/guard"
import { jwt } from "@mortise/core/jwt"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { realm } from "@mortise/core/realms"
import { adjustableClock } from "@mortise/core/testing"
import { expect, test, vi } from "vitest"
import { testHasher } from "../../core/src/testing/test-hasher.js"
import { getServerSession } from "../src/index.js"
import { ada, origin } from "./shop.js"

/** The request that Next renders for, which it tells by these two alone. */
const request = vi.hoisted(() => ({ headers: new Headers() }))
vi.mock("next/headers.js", () => ({
  headers: async () => request.headers,
  cookies: async () => ({ set() {} }),
}))

test("getServerSession() answers null for whom the realm's rule refuses by now", async () => {
  const clock = adjustableClock()
  const roles = new Map([[ada.email, "admin"]])
  const auth = createAuth({
    origin,
    secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
    stores: memoryStores({ clock }),
    sessions: jwt({ lifetime: "15m", grace: "1h" }),
    flows: { password: password({ hasher: testHasher() }) },
    claims: (user) => ({ role: roles.get(user.email) ?? "nobody" }),
    realm: realm<{ role: string }>({ name: "admin", rule: hasRole("admin") }),
    clock,
  })
  await auth.flows.password.register(ada)
  const outcome = await auth.flows.password.signIn(ada)
  if (!outcome.ok) throw new Error(outcome.reason)
  request.headers = new Headers({ cookie: `__Host-admin-session=${outcome.session.token}` })
  expect(await getServerSession(auth)).toMatchObject({ realm: "admin", claims: { role: "admin" } })
  clock.advance(30 * 60_000)
  roles.set(ada.email, "customer")
  expect(await getServerSession(auth)).toBeNull()
})

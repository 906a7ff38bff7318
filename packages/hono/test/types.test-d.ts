// Compiled, never run: what a host may write, and what must not compile.
import { createAuth, opaque, type Principal, type Context as StepContext } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { Hono } from "hono"
import { expectTypeOf } from "vitest"
import { contextOf, type MortiseEnv, mortise, type PrincipalOf, requireSession } from "../src/index.js"

const auth = createAuth({
  origin: "https://app.example.com",
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores: memoryStores(),
  sessions: opaque(),
  flows: {},
  claims: (user) => ({ email: user.email, isSponsor: user.email !== "" }),
})

type HostPrincipal = Principal<{ email: string; isSponsor: boolean }>
type HostEnv = MortiseEnv<typeof auth> & { Bindings: { KV: string }; Variables: { requestId: string } }
expectTypeOf<PrincipalOf<typeof auth>>().toEqualTypeOf<HostPrincipal>()

const app = new Hono<HostEnv>()
app.use(mortise(auth))
app.use("/admin/*", mortise(auth, { address: (c) => c.req.header("cf-connecting-ip") }))

app.get("/open", (c) => {
  expectTypeOf(c.get("auth")).toEqualTypeOf<HostPrincipal | null>()
  expectTypeOf(c.var.auth).toEqualTypeOf<HostPrincipal | null>()
  expectTypeOf(c.get("requestId")).toEqualTypeOf<string>()
  expectTypeOf(contextOf(c)).toEqualTypeOf<StepContext>()
  // @ts-expect-error a visitor is nobody
  c.var.auth.userId
  // @ts-expect-error there are no such claims
  c.var.auth?.claims.isSponsored
  // @ts-expect-error there is no such variable
  c.get("user")
  return c.text("")
})

app.get("/me", requireSession(), (c) => {
  expectTypeOf(c.var.auth.claims).toEqualTypeOf<{ email: string; isSponsor: boolean }>()
  expectTypeOf(c.get("auth").userId).toEqualTypeOf<string>()
  // @ts-expect-error there are no such claims
  c.var.auth.claims.isSponsored
  return c.text("")
})

// Chained, nothing needs to be declared at all.
new Hono().use(mortise(auth)).get("/me", requireSession(), (c) => c.text(c.var.auth.claims.email))

app.use(
  "/sponsors/*",
  requireSession<typeof auth>((principal) => principal.claims.isSponsor),
)
app.get(
  "/late",
  requireSession(async () => ({ message: "Come back tomorrow." })),
  (c) => c.text(""),
)

// @ts-expect-error there are no such claims
requireSession<typeof auth>((principal) => principal.claims.isSponsored)
const rule = (): boolean => true
// @ts-expect-error an Auth is needed
mortise()
// @ts-expect-error the middleware takes the Auth, not what made it
mortise(createAuth)
// @ts-expect-error an address is told per request
mortise(auth, { address: "192.0.2.1" })
// @ts-expect-error a rule is a function
requireSession("admin")
// @ts-expect-error a rule answers true, false or a message
requireSession(() => "yes")
// @ts-expect-error several rules are one rule that joins them
requireSession(rule, rule)
// @ts-expect-error it takes a context
contextOf(auth)

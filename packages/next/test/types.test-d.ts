// Compiled, never run: what a host may write, and what must not compile.
import { createAuth, opaque, type Principal } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { expectTypeOf } from "vitest"
import { getServerSession, handlers, type PrincipalOf, sessionProxy, withSession } from "../src/index.js"

const auth = createAuth({
  origin: "https://app.example.com",
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores: memoryStores(),
  sessions: opaque(),
  flows: {},
  claims: (user) => ({ email: user.email, isSponsor: user.email !== "" }),
})

type HostPrincipal = Principal<{ email: string; isSponsor: boolean }>
expectTypeOf<PrincipalOf<typeof auth>>().toEqualTypeOf<HostPrincipal>()
expectTypeOf(await getServerSession(auth)).toEqualTypeOf<HostPrincipal | null>()
expectTypeOf(await getServerSession(() => auth)).toEqualTypeOf<HostPrincipal | null>()
expectTypeOf(await getServerSession(async () => auth)).toEqualTypeOf<HostPrincipal | null>()

withSession(auth, (_request, principal) => {
  expectTypeOf(principal).toEqualTypeOf<HostPrincipal>()
  // @ts-expect-error there are no such claims
  return Response.json(principal.claims.isSponsored)
})
withSession(
  () => auth,
  () => new Response(),
  { rule: async ({ claims }) => claims.isSponsor },
)
sessionProxy(auth, { guards: { "/desk": true, "/early": ({ claims }) => claims.isSponsor } })

// @ts-expect-error there are no such claims
sessionProxy(auth, { guards: { "/early": ({ claims }) => claims.isSponsored } })
// @ts-expect-error a guard is true or a rule: false would be a page that nobody sees
sessionProxy(auth, { guards: { "/desk": false } })
// @ts-expect-error a rule answers true, false or a message
withSession(auth, () => new Response(), { rule: () => "yes" })
// @ts-expect-error a handler answers a response
withSession(auth, () => "ok")
// @ts-expect-error an Auth is needed
handlers()
// @ts-expect-error an address is told per request
handlers(auth, { address: "192.0.2.1" })

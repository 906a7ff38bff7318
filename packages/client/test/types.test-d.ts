// Compiled, never run: what a host may write, and what must not compile.
import { createAuth, opaque, type SessionView } from "@mortise/core"
import { magicLink } from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { oauth } from "@mortise/core/oauth"
import { password } from "@mortise/core/password"
import { resetByMail } from "@mortise/core/password-reset"
import { testHasher } from "@mortise/core/testing"
import { byUsername } from "@mortise/core/username"
import { expectTypeOf } from "vitest"
import { type AuthClient, type CallOutcome, createAuthClient, type SessionUser } from "../src/index.js"
import * as react from "../src/react.js"
import * as solid from "../src/solid.js"

const common = {
  origin: "https://app.example.com",
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores: memoryStores(),
  sessions: opaque(),
}

const full = createAuth({
  ...common,
  flows: {
    password: password({ hasher: testHasher(), reset: resetByMail({ send: async () => {} }) }),
    oauth: oauth({ providers: [] }),
    mail: magicLink({
      send: async () => {},
      locales: ["en", "de"],
      metadata: (body) => ({ plan: String(body["plan"]) }),
    }),
  },
  claims: (user) => ({ email: user.email, isSponsor: user.email !== "" }),
})
type Claims = { email: string; isSponsor: boolean }
type Opened = { readonly user: SessionUser<Claims>; readonly session: SessionView }

const client = createAuthClient<typeof full>({ basePath: "/auth", paths: { login: "/in" }, staleAfter: 30 })
// @ts-expect-error there is no such route
createAuthClient<typeof full>({ paths: { signIn: "/in" } })
// @ts-expect-error no user has these claims
createAuthClient<typeof full>({ session: { user: { id: "1", claims: { email: 1 } }, session: null } })
// @ts-expect-error what it is the client of, must be an Auth
createAuthClient<typeof common>()

const state = client.get()
// @ts-expect-error nobody may be signed in
state.user.id
if (state.status === "signed_in") {
  expectTypeOf(state.user.claims).toEqualTypeOf<Claims>()
  expectTypeOf(state.session.expiresAt).toEqualTypeOf<number>()
  // @ts-expect-error there are no such claims
  state.user.claims.isSponsored
}
if (state.status === "signed_out") expectTypeOf(state.user).toEqualTypeOf<null>()

expectTypeOf(client.login).toEqualTypeOf<
  (account: { readonly email: string; readonly password: string }) => Promise<CallOutcome<Opened>>
>
const outcome = await client.login({ email: "", password: "" })
// @ts-expect-error it may have been refused
outcome.user
if (outcome.ok) expectTypeOf(outcome.user.claims.isSponsor).toEqualTypeOf<boolean>()
else expectTypeOf(outcome.retryAfter).toEqualTypeOf<number | undefined>()
// @ts-expect-error a password is needed
client.login({ email: "" })
// @ts-expect-error there is no such reason
if (!outcome.ok && outcome.reason === "no_luck") throw outcome

const registered = await client.register({ email: "", password: "" })
if (registered.ok) expectTypeOf(registered.user?.claims.email).toEqualTypeOf<string | undefined>()

await client.changePassword({ currentPassword: "", newPassword: "" })
// @ts-expect-error as a script writes it, not as the body has it
client.changePassword({ current_password: "", new_password: "" })

await client.passwordForgot({ email: "" })
await client.passwordReset({ password: "" })
// @ts-expect-error an address, not a name
client.passwordForgot({ username: "" })
const link = await client.passwordResetCheck()
if (link.ok) expectTypeOf(link.email).toEqualTypeOf<string>()

const listed = await client.sessions()
if (listed.ok) expectTypeOf(listed.sessions[0]?.current).toEqualTypeOf<boolean | undefined>()
await client.endSession("id")
// @ts-expect-error which?
client.endSession()
await client.endSessions({ session: "others" })
expectTypeOf(await client.logout()).toEqualTypeOf<CallOutcome>()

const departure = await client.oauthStart("github", { returnTo: "/" })
if (departure.ok) expectTypeOf(departure.url).toEqualTypeOf<string>()
// @ts-expect-error with which provider?
client.oauthStart({ returnTo: "/" })

await client.magicLink({ email: "", locale: "de", returnTo: "/", plan: "pro" })
// @ts-expect-error the host does not speak it
client.magicLink({ email: "", locale: "fr" })
const arrived = await client.magicLinkCode({ code: "" })
if (arrived.ok) expectTypeOf(arrived.locale).toEqualTypeOf<"en" | "de">()

// Only routes of flows that the host has.
const small = createAuth({ ...common, flows: { password: password({ hasher: testHasher() }) } })
const smallClient = createAuthClient<typeof small>()
await smallClient.login({ email: "", password: "" })
// @ts-expect-error there are no links in mails
smallClient.magicLink({ email: "" })
// @ts-expect-error nor for a forgotten password
smallClient.passwordForgot({ email: "" })
// @ts-expect-error there are no providers
smallClient.oauthStart("github")
// By user name where the host says so.
const username = byUsername(async () => undefined)
const named = createAuth({ ...common, flows: { password: password({ hasher: testHasher(), username }) } })
const namedClient = createAuthClient<typeof named>()
await namedClient.login({ username: "", password: "" })
await named.flows.password.signIn({ username: "", password: "" })
// @ts-expect-error an address is typed as the name
namedClient.login({ email: "", password: "" })
// @ts-expect-error without HTTP too
named.flows.password.signIn({ email: "", password: "" })
await namedClient.register({ email: "", password: "" })
// @ts-expect-error this host's users have no names
smallClient.login({ username: "", password: "" })
// @ts-expect-error nor are they registered by name
namedClient.register({ username: "", password: "" })
// @ts-expect-error a host answers users, or nobody
byUsername(async () => ({ email: "" }))
// @ts-expect-error whose ids are texts
byUsername(() => ({ id: 1 }))
// @ts-expect-error a look-up alone has no spelling
password({ hasher: testHasher(), username: async () => undefined })

const none = createAuth({ ...common, flows: {} })
await createAuthClient<typeof none>().logout()
// @ts-expect-error there are no passwords
createAuthClient<typeof none>().login({ email: "", password: "" })

const plain = createAuth({ ...common, flows: { mail: magicLink({ send: async () => {} }) } })
await createAuthClient<typeof plain>().magicLink({ email: "" })
// @ts-expect-error the host reads nothing else
createAuthClient<typeof plain>().magicLink({ email: "", plan: "pro" })

// Providers infer the Auth, and take what a server hands in.
react.SessionProvider({ client })
react.SessionProvider({ client, session: null })
const { principal } = await full.authenticate({ method: "GET", target: "/", header: () => null })
react.SessionProvider({ client, session: principal ?? null })
solid.SessionProvider({ client, session: principal ?? null })
const other = await small.authenticate({ method: "GET", target: "/", header: () => null })
// @ts-expect-error another host's
react.SessionProvider({ client, session: other.principal ?? null })

export function Component(): void {
  const seen = react.useSession<typeof full>()
  if (seen.status === "signed_in") expectTypeOf(seen.user.claims).toEqualTypeOf<Claims>()
  expectTypeOf(react.useSuspenseSession<typeof full>().status).toEqualTypeOf<"signed_in" | "signed_out">()
  expectTypeOf(react.useAuthClient<typeof full>()).toEqualTypeOf<AuthClient<typeof full>>()
}

export function SolidComponent(): void {
  const seen = solid.useSession<typeof full>()()
  if (seen.status === "signed_in") expectTypeOf(seen.user.claims).toEqualTypeOf<Claims>()
  expectTypeOf(solid.useSuspenseSession<typeof full>()()?.status).toEqualTypeOf<
    "signed_in" | "signed_out" | undefined
  >()
}

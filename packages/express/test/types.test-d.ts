// Compiled, never run: what a host may write, and what must not compile.
import { type Auth, createAuth, opaque, type Principal, type Rule } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import express, { type Request, type RequestHandler, Router } from "express"
import { expectTypeOf } from "vitest"
import { type ClaimsOf, contextOf, mortise, type Register, requireSession } from "../src/index.js"

const auth = createAuth({
  origin: "https://app.example.com",
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores: memoryStores(),
  sessions: opaque(),
  flows: {},
  claims: (user) => ({ email: user.email, isSponsor: user.email !== "" }),
})

express().use(mortise(auth))
express().use("/admin", mortise(auth, { address: (req) => req.get("cf-connecting-ip") }))
express().get("/me", requireSession(), (req, res) => void res.json(req.auth?.userId))
Router().use(mortise(auth), requireSession())
expectTypeOf(mortise(auth)).toEqualTypeOf<RequestHandler>()

// Claims: unknown JSON until a host registers its Auth, exactly its own from then on (readme.test.ts registers one).
expectTypeOf<Request["auth"]>().toEqualTypeOf<Principal | null>()
expectTypeOf<ClaimsOf<{ auth: typeof auth }>>().toEqualTypeOf<{ email: string; isSponsor: boolean }>()
expectTypeOf<ClaimsOf<{ auth: Auth }>>().toEqualTypeOf<ClaimsOf<Register>>()
expectTypeOf(requireSession).parameter(0).toEqualTypeOf<Rule | undefined>()

requireSession((principal) => principal.claims["isSponsor"] === true)
requireSession(async (principal, request) => request.method === "GET" || { message: principal.userId })

const rule = (): boolean => true
// @ts-expect-error an Auth is needed
mortise()
// @ts-expect-error the middleware takes the Auth, not what made it
mortise(createAuth)
// @ts-expect-error an address is told per request
mortise(auth, { address: "192.0.2.1" })
// @ts-expect-error there is no such option
mortise(auth, { trustProxy: true })
// @ts-expect-error a rule is a function
requireSession("admin")
// @ts-expect-error a rule answers true, false or a message
requireSession(() => "yes")
// @ts-expect-error a rule answers true, false or a message, later too
requireSession(async (principal) => principal.userId)
// @ts-expect-error several rules are one rule that joins them
requireSession(rule, rule)
// @ts-expect-error a visitor is nobody
express().get("/me", (req) => req.auth.userId)
// @ts-expect-error it takes a request
contextOf(auth)

import { type MortiseEnv, requireSession, type SignedIn } from "@mortise/hono"
import { Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import type { CustomerRecords } from "../../data/src/customer-records.js"
import type { CustomerAuth } from "./auth.js"

const longestBody = 16 * 1024

/** Whose record was answered. A page that sends it back saves for nobody else; it gives nobody a right to anything. */
const customerHeader = "x-customer"

/**
 * The way to the data Worker. Whose record it is, the session says and nothing else: an id in a path, query or body is not looked at.
 */
export function customerRoutes(records: CustomerRecords): Hono<MortiseEnv<CustomerAuth> & SignedIn> {
  const routes = new Hono<MortiseEnv<CustomerAuth> & SignedIn>()
  routes.use(requireSession())
  routes.use(async (c, next) => {
    await next()
    c.header("cache-control", "no-store")
    c.header(customerHeader, c.var.auth.userId)
  })

  routes.get("/", async (c) => {
    const { claims, userId } = c.var.auth
    return c.json(await records.open(userId, claims.locale))
  })

  const limit = bodyLimit({
    maxSize: longestBody,
    onError: (c) => c.json({ reason: "payload_too_large" }, 413),
  })
  routes.put("/", limit, async (c) => {
    if (!c.req.header("content-type")?.startsWith("application/json")) {
      return c.json({ reason: "unsupported_media_type" }, 415)
    }
    // Another window may have signed in as somebody else since this page was loaded: what was typed for one is not saved for the other.
    const meant = c.req.header(customerHeader)
    if (meant !== undefined && meant !== c.var.auth.userId) return c.json({ reason: "other_customer" }, 412)
    const change: unknown = await c.req.json().catch(() => undefined)
    if (typeof change !== "object" || change === null) return c.json({ reason: "invalid_request" }, 400)
    const saved = await records.save(c.var.auth.userId, change)
    if (saved.ok) return c.json(saved.record)
    switch (saved.reason) {
      case "conflict":
        return c.json({ reason: saved.reason, record: saved.record }, 409)
      case "invalid":
        return c.json({ reason: saved.reason, fields: saved.fields }, 422)
      case "absent":
        return c.json({ reason: saved.reason }, 404)
    }
  })

  return routes
}

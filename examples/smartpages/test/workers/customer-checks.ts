import type { D1Database } from "@cloudflare/workers-types"
import { userStoreChecks } from "@mortise/core/testing"
import { customers } from "../../core/src/customers.js"

/** Runs the check whose name is the query, over two stores on one database. */
export default {
  async fetch(request: Request, { CUSTOMERS }: { readonly CUSTOMERS: D1Database }): Promise<Response> {
    const name = decodeURIComponent(new URL(request.url).search.slice(1))
    const check = userStoreChecks.find((each) => each.name === name)
    if (!check) return new Response(`There is no check "${name}".`, { status: 404 })
    try {
      await check.run(() => ({ a: customers(CUSTOMERS), b: customers(CUSTOMERS) }))
      return new Response("held")
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 })
    }
  },
}

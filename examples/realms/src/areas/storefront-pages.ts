import { requireSession } from "@mortise/express"
import { Router, urlencoded } from "express"
import { pageState, queryText, sendPage, signedIn } from "../pages/send-page.js"
import { accountPage, ordersPage } from "../pages/storefront.js"
import type { OpenStores } from "../stores.js"
import { readOrder } from "./order-form.js"

/** What a customer's account is made of. */
export type StorefrontParts = Pick<OpenStores, "catalogue" | "orders" | "people">

/** The pages below /storefront. The realm stands before all of them: who gets here is a customer. */
export function storefrontPages({ catalogue, orders, people }: StorefrontParts): Router {
  const routes = Router()

  routes.get(["/storefront", "/storefront/account"], requireSession(), (_req, res) =>
    res.redirect(303, "/storefront/account/dashboard"),
  )

  routes.get("/storefront/account/dashboard", requireSession(), async (req, res) => {
    const customer = signedIn(req)
    const person = await people.find(customer.userId)
    const scope = { customerId: customer.userId }
    const own = { orders: await orders.list(scope), totals: await orders.totals(scope) }
    sendPage(res, accountPage(customer, person?.name ?? customer.claims.username, own))
  })

  routes.get("/storefront/account/orders", requireSession(), async (req, res) => {
    const customer = signedIn(req)
    const state = {
      orders: await orders.list({ customerId: customer.userId }),
      products: await catalogue.list(),
      chosen: Number(queryText(req, "product")),
    }
    sendPage(res, ordersPage(customer, { ...state, ...pageState(req, "storefront") }))
  })

  routes.post(
    "/storefront/account/orders",
    requireSession(),
    urlencoded({ extended: false, limit: "4kb" }),
    async (req, res) => {
      const wanted = readOrder(req.body)
      const placed = wanted && (await orders.place(signedIn(req).userId, wanted))
      const said = placed === undefined ? "error=bad_order" : "notice=ordered"
      res.redirect(303, `/storefront/account/orders?${said}`)
    },
  )

  return routes
}

import { requireSession } from "@mortise/express"
import { json, Router } from "express"
import { errorText } from "../pages/messages.js"
import { sendProblem, signedIn } from "../pages/send-page.js"
import { readOrder } from "./order-form.js"
import type { StorefrontParts } from "./storefront-pages.js"

/** The JSON API below /api/v1/storefront, by `Authorization: Bearer` alone. */
export function storefrontApi({ orders }: Pick<StorefrontParts, "orders">): Router {
  const routes = Router()

  routes.get("/api/v1/storefront/orders", requireSession(), async (req, res) => {
    res.json({ orders: await orders.list({ customerId: signedIn(req).userId }) })
  })

  routes.post("/api/v1/storefront/orders", requireSession(), json({ limit: "4kb" }), async (req, res) => {
    const wanted = readOrder(req.body)
    const { userId } = signedIn(req)
    const id = wanted && (await orders.place(userId, wanted))
    if (id === undefined) return sendProblem(res, 422, "bad_order", errorText("bad_order") ?? "")
    const order = (await orders.list({ customerId: userId })).find((each) => each.id === id)
    res.status(201).json({ order })
  })

  return routes
}

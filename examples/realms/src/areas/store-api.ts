import { requireSession } from "@mortise/express"
import { json, Router } from "express"
import * as z from "zod/mini"
import { sendProblem } from "../pages/send-page.js"
import { isProductId } from "../shop/catalogue.js"
import { pathParam } from "./path-param.js"
import type { StoreParts } from "./store-pages.js"

const newPrice = z.strictObject({ price: z.int().check(z.minimum(1), z.maximum(10_000_000)) })

/** The JSON API below /api/v1/store, by `Authorization: Bearer` alone. Prices are cents. */
export function storeApi({ catalogue, orders, storeAccess }: Omit<StoreParts, "directory">): Router {
  const routes = Router()
  const ofThisStore = requireSession(storeAccess)

  routes.get("/api/v1/store/:storeCode/products", ofThisStore, async (req, res) => {
    res.json({ products: await catalogue.ofStore(pathParam(req, "storeCode")) })
  })

  routes.patch(
    "/api/v1/store/:storeCode/products/:id",
    ofThisStore,
    json({ limit: "4kb" }),
    async (req, res) => {
      const sent = newPrice.safeParse(req.body)
      if (!sent.success) return sendProblem(res, 400, "bad_price", "Send a price in cents, above zero.")
      const code = pathParam(req, "storeCode")
      const id = Number(pathParam(req, "id"))
      const done = isProductId(id) && (await catalogue.changePrice(code, id, sent.data.price))
      if (!done) return sendProblem(res, 404, "not_found", "This store has no such product.")
      res.json({ product: (await catalogue.ofStore(code)).find((product) => product.id === id) })
    },
  )

  routes.get("/api/v1/store/:storeCode/orders", ofThisStore, async (req, res) => {
    res.json({ orders: await orders.list({ storeCode: pathParam(req, "storeCode") }) })
  })

  return routes
}

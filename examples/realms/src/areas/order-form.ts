import * as z from "zod/mini"
import { isProductId } from "../shop/catalogue.js"
import type { OrderRequest } from "../shop/order-book.js"

const fields = z.object({
  product: z.coerce.number().check(z.refine(isProductId)),
  quantity: z.coerce.number().check(z.int(), z.minimum(1), z.maximum(20)),
})

/** What somebody orders, by form or JSON: a product's number and a quantity from 1 to 20. Undefined for anything else. */
export function readOrder(body: unknown): OrderRequest | undefined {
  const sent = fields.safeParse(body)
  return sent.success ? { productId: sent.data.product, quantity: sent.data.quantity } : undefined
}

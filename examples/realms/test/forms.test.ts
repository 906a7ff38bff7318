import { expect, test } from "vitest"
import { readOrder } from "../src/areas/order-form.js"
import { centsOf, priceText } from "../src/pages/amounts.js"

test.each([
  ["12.50", 1250],
  ["12,5", 1250],
  [" 7 ", 700],
  ["0.01", 1],
  ["100000", 10_000_000],
  ["100000.01", undefined],
  ["0", undefined],
  ["-1", undefined],
  ["1e3", undefined],
  ["1.234", undefined],
  ["", undefined],
  ["12.50 €", undefined],
])("%j as a price is %j", (typed, cents) => expect(centsOf(typed)).toBe(cents))

test("a price is shown with both its decimals", () => expect(priceText(1250)).toBe("€12.50"))

test.each([
  [
    { product: "3", quantity: "2" },
    { productId: 3, quantity: 2 },
  ],
  [
    { product: 3, quantity: 20 },
    { productId: 3, quantity: 20 },
  ],
  [{ product: 3, quantity: 21 }, undefined],
  [{ product: 3, quantity: 0 }, undefined],
  [{ product: 3, quantity: 1.5 }, undefined],
  [{ product: 2_147_483_648, quantity: 1 }, undefined],
  [{ product: "", quantity: 1 }, undefined],
  [{ product: 3 }, undefined],
  ["3", undefined],
  [undefined, undefined],
])("%j as an order is %j", (body, order) => expect(readOrder(body)).toEqual(order))

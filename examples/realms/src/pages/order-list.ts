import { type Html, html } from "../html.js"
import type { Order, OrderTotals } from "../shop/order-book.js"
import { priceText, timeText } from "./amounts.js"

/** Orders, and what they come to. */
export interface OrdersView {
  readonly orders: readonly Order[]
  readonly totals: OrderTotals
}

/** Orders as a table; `whose` adds who ordered. */
export function orderList(orders: readonly Order[], { whose }: { readonly whose: "customer" | "own" }): Html {
  if (orders.length === 0) return html`<p class="muted empty">No orders yet.</p>`
  const withCustomer = whose === "customer"
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">No.</th><th scope="col">Product</th><th scope="col">Store</th>${withCustomer && html`<th scope="col">Customer</th>`}<th scope="col">Placed</th><th scope="col" class="number">Total</th></tr></thead>
<tbody>
${orders.map(
  (order) =>
    html`<tr><td>${order.id}</td><th scope="row">${order.quantity} × ${order.productName}</th><td>${order.storeCode}</td>${withCustomer && html`<td>${order.customerName}</td>`}<td><time datetime="${new Date(order.placedAt).toISOString()}">${timeText(order.placedAt)}</time></td><td class="number">${priceText(order.price * order.quantity)}</td></tr>`,
)}
</tbody>
</table></div>`
}

import type { SignedIn } from "../auth.js"
import { type Html, html } from "../html.js"
import type { Product } from "../shop/catalogue.js"
import type { Order } from "../shop/order-book.js"
import { priceText } from "./amounts.js"
import { figures } from "./figures.js"
import { banner, layout } from "./layout.js"
import { type OrdersView, orderList } from "./order-list.js"
import type { PageState } from "./send-page.js"

/** A customer's account at a glance. */
export function accountPage(person: SignedIn, name: string, { orders, totals }: OrdersView): string {
  const body = html`<h1>Good day, ${name}.</h1>
<p class="lead">Signed in as ${person.claims.email}.</p>
${figures(["Orders", totals.count], ["Spent", priceText(totals.amount)])}
<section class="card">
<h2>Your last orders</h2>
${orderList(orders.slice(0, 5), { whose: "own" })}
<p class="actions"><a class="button" href="/storefront/account/orders">Order something</a> <a class="button plain" href="/">See the market</a></p>
</section>`
  return layout({
    title: "Your account",
    body,
    area: "storefront",
    person,
    path: "/storefront/account/dashboard",
  })
}

/** What the page of orders is drawn from. */
export interface OrdersState extends PageState {
  readonly orders: readonly Order[]
  readonly products: readonly Product[]
  /** The product that somebody came for. */
  readonly chosen: number | undefined
}

/** A customer's orders, and the form for the next one. */
export function ordersPage(
  person: SignedIn,
  { orders, products, chosen, error, notice }: OrdersState,
): string {
  const body = html`<h1>Orders</h1>
${banner("notice", notice)}
${banner("error", error)}
<section class="card">
<h2>Order something</h2>
<form class="order" method="post" action="/storefront/account/orders">
<label>Product
<select name="product" required>
${storesOf(products).map((store) => options(store, products, chosen))}
</select></label>
<label>Quantity
<input name="quantity" type="number" min="1" max="20" value="1" required></label>
<button>Place the order</button>
</form>
</section>
<section class="card">
<h2>What you have ordered</h2>
${orderList(orders, { whose: "own" })}
</section>`
  return layout({ title: "Orders", body, area: "storefront", person, path: "/storefront/account/orders" })
}

function storesOf(products: readonly Product[]): readonly string[] {
  return [...new Set(products.map(({ storeName }) => storeName))]
}

function options(store: string, products: readonly Product[], chosen: number | undefined): Html {
  const own = products.filter(({ storeName }) => storeName === store)
  return html`<optgroup label="${store}">
${own.map(({ id, name, price }) => html`<option value="${id}"${id === chosen && html` selected`}>${name}, ${priceText(price)}</option>`)}
</optgroup>`
}

import type { SignedIn } from "../auth.js"
import { html } from "../html.js"
import type { Product } from "../shop/catalogue.js"
import type { Store } from "../shop/store-directory.js"
import { priceText } from "./amounts.js"
import { figures } from "./figures.js"
import { banner, layout } from "./layout.js"
import { type OrdersView, orderList } from "./order-list.js"
import { picture } from "./picture.js"
import type { PageState } from "./send-page.js"

/** Which stores somebody runs; for who runs one alone there is no need of it. */
export function ownStoresPage(person: SignedIn, stores: readonly Store[]): string {
  const body = html`<h1>Your stores</h1>
${stores.length === 0 && html`<p class="lead">No store has let you in yet. An administrator can.</p>`}
<ul class="people">
${stores.map(({ code, name, tagline }) => html`<li class="card"><h2><a href="/store/${code}/dashboard">${name}</a></h2><p class="muted">${tagline}</p></li>`)}
</ul>`
  return layout({ title: "Your stores", body, area: "store", person })
}

/** A store's day. */
export function storeDashboard(
  person: SignedIn,
  store: Store,
  { orders, products, totals }: OrdersView & { readonly products: readonly Product[] },
): string {
  const path = `/store/${store.code}/dashboard`
  const body = html`<h1>${store.name}</h1>
<p class="lead">${store.tagline}. Signed in as ${person.claims.email}.</p>
${figures(["Products", products.length], ["Orders", totals.count], ["Turnover", priceText(totals.amount)])}
<section class="card">
<h2>Orders for this store</h2>
${orderList(orders, { whose: "customer" })}
</section>`
  return layout({ title: store.name, body, area: "store", person, storeCode: store.code, path })
}

/** What a store sells, and for how much. */
export function productsPage(
  person: SignedIn,
  store: Store,
  { products, error, notice }: PageState & { readonly products: readonly Product[] },
): string {
  const path = `/store/${store.code}/products`
  const body = html`<h1>Products</h1>
<p class="lead">${store.name}. A new price is on the market at once; orders keep the old one.</p>
${banner("notice", notice)}
${banner("error", error)}
<ul class="prices">
${products.map(
  ({ id, name, picture: drawing, price }) => html`<li class="card price">
${picture(drawing)}
<h2>${name}</h2>
<form method="post" action="${path}/${id}">
<label><span class="unseen">Price of ${name}</span> €
<input name="price" inputmode="decimal" required maxlength="9" value="${(price / 100).toFixed(2)}"></label>
<button class="plain" aria-label="Save the price of ${name}">Save</button>
</form>
</li>`,
)}
</ul>`
  return layout({ title: "Products", body, area: "store", person, storeCode: store.code, path })
}

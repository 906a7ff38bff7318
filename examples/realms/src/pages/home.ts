import { type Html, html } from "../html.js"
import type { Product } from "../shop/catalogue.js"
import type { Store } from "../shop/store-directory.js"
import { priceText } from "./amounts.js"
import { type AreaName, areaNames, areas } from "./areas.js"
import { layout } from "./layout.js"
import { picture } from "./picture.js"

const list = new Intl.ListFormat("en")

/** The front page: the catalogue, and the three doors. It is public, and so knows nobody. */
export function homePage(stores: readonly Store[], products: readonly Product[]): string {
  const body = html`<section class="hero">
<p class="eyebrow">A covered market by the water</p>
<h1>Good things, from the people who make them.</h1>
<p class="lead">${list.format(stores.map(({ name }) => name))} under one roof. Choose from all of them, and order in one place.</p>
</section>

${stores.map((store) => stall(store, products))}

<section class="doors" aria-label="The three areas">
${areaNames.map(door)}
</section>`
  return layout({ title: "A covered market", body, path: "/" })
}

function stall({ code, name, tagline }: Store, products: readonly Product[]): Html {
  const own = products.filter(({ storeCode }) => storeCode === code)
  return html`<section class="stall" aria-labelledby="stall-${code}">
<h2 id="stall-${code}">${name} <span>${tagline}</span></h2>
<ul class="goods">
${own.map(
  (product) => html`<li class="good stall-${code}">
${picture(product.picture)}
<h3>${product.name}</h3>
<p><strong>${priceText(product.price)}</strong>
<a href="/storefront/account/orders?product=${product.id}" aria-label="Order: ${product.name}">Order</a></p>
</li>`,
)}
</ul>
</section>`
}

function door(name: AreaName): Html {
  const { home, purpose, signIn, title } = areas[name]
  return html`<article class="door in-${name}">
<h2>${title}</h2>
<p>${purpose}</p>
<p class="actions"><a class="button" href="${home}">Open</a> <a href="${signIn}">Sign in</a></p>
</article>`
}

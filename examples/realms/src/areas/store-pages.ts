import { requireSession } from "@mortise/express"
import { type Request, Router, urlencoded } from "express"
import type { Doors } from "../auth.js"
import { centsOf } from "../pages/amounts.js"
import { pageState, sendPage, signedIn } from "../pages/send-page.js"
import { ownStoresPage, productsPage, storeDashboard } from "../pages/store.js"
import { isProductId } from "../shop/catalogue.js"
import type { Store } from "../shop/store-directory.js"
import type { OpenStores } from "../stores.js"
import { pathParam } from "./path-param.js"

/** What a store's portal is made of. */
export interface StoreParts extends Pick<OpenStores, "catalogue" | "directory" | "orders"> {
  /** Who may run the store in the path. */
  readonly storeAccess: Doors["storeAccess"]
}

/** The pages below /store. The realm stands before all of them; before those of one store, so does who may run it. */
export function storePages({ catalogue, directory, orders, storeAccess }: StoreParts): Router {
  const routes = Router()
  const ofThisStore = requireSession(storeAccess)
  const form = urlencoded({ extended: false, limit: "4kb" })

  routes.get("/store", requireSession(), async (req, res) => {
    const person = signedIn(req)
    const [store, ...more] = await directory.ofPerson(person.userId)
    if (store && more.length === 0) res.redirect(303, `/store/${store.code}/dashboard`)
    else sendPage(res, ownStoresPage(person, store ? [store, ...more] : []))
  })

  routes.get("/store/:storeCode/dashboard", ofThisStore, async (req, res) => {
    const store = await storeOf(req)
    const scope = { storeCode: store.code }
    const view = {
      orders: await orders.list(scope),
      totals: await orders.totals(scope),
      products: await catalogue.ofStore(store.code),
    }
    sendPage(res, storeDashboard(signedIn(req), store, view))
  })

  routes.get("/store/:storeCode/products", ofThisStore, async (req, res) => {
    const store = await storeOf(req)
    const products = await catalogue.ofStore(store.code)
    sendPage(res, productsPage(signedIn(req), store, { products, ...pageState(req, "store") }))
  })

  routes.post("/store/:storeCode/products/:id", ofThisStore, form, async (req, res) => {
    const { code } = await storeOf(req)
    const price = centsOf(String(req.body?.price ?? ""))
    const id = Number(pathParam(req, "id"))
    const problem =
      price === undefined
        ? "bad_price"
        : isProductId(id) && (await catalogue.changePrice(code, id, price))
          ? undefined
          : "not_found"
    res.redirect(303, `/store/${code}/products?${problem ? `error=${problem}` : "notice=price_changed"}`)
  })

  /** The store in the path, behind the rule that has looked at it. */
  async function storeOf(req: Request): Promise<Store> {
    const store = await directory.find(pathParam(req, "storeCode"))
    if (store) return store
    throw new Error(`${req.path} is not guarded. Put requireSession(storeAccess) before it.`)
  }

  return routes
}

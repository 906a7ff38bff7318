import type { PostgresQuery, Row } from "@mortise/adapter-postgres"
import { asker } from "../databases/ask.js"

/** Something to buy. */
export interface Product {
  readonly id: number
  readonly storeCode: string
  readonly storeName: string
  readonly name: string
  /** Which drawing shows it. */
  readonly picture: string
  /** Cents. */
  readonly price: number
}

/** Whether a number can be a product's: as the database counts them. */
export function isProductId(id: number): boolean {
  return Number.isInteger(id) && id >= 1 && id <= 2_147_483_647
}

/** What there is to buy, in all stores. */
export interface Catalogue {
  list(): Promise<readonly Product[]>
  ofStore(storeCode: string): Promise<readonly Product[]>
  /** False if the store has no such product. */
  changePrice(storeCode: string, productId: number, price: number): Promise<boolean>
}

/** In PostgreSQL. */
export function catalogue(query: PostgresQuery): Catalogue {
  const ask = asker(query, "products")
  const selected = `select p.*, s.name as store_name from quayside.products as p
    join quayside.stores as s on s.code = p.store_code`

  return {
    async list() {
      return (await ask("list", `${selected} order by p.store_code, p.id`)).map(productOf)
    },

    async ofStore(storeCode) {
      return (await ask("of_store", `${selected} where p.store_code = $1 order by p.id`, [storeCode])).map(
        productOf,
      )
    },

    async changePrice(storeCode, productId, price) {
      const text = "update quayside.products set price = $3 where store_code = $1 and id = $2 returning id"
      return (await ask("change_price", text, [storeCode, productId, price])).length > 0
    },
  }
}

function productOf(row: Row): Product {
  return {
    id: Number(row["id"]),
    storeCode: String(row["store_code"]),
    storeName: String(row["store_name"]),
    name: String(row["name"]),
    picture: String(row["picture"]),
    price: Number(row["price"]),
  }
}

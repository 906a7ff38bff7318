import type { PostgresQuery, Row } from "@mortise/adapter-postgres"
import { asker } from "../databases/ask.js"

/** Something that somebody has ordered, at the price of that moment. */
export interface Order {
  readonly id: number
  readonly customerName: string
  readonly storeCode: string
  readonly productName: string
  readonly quantity: number
  /** Cents, of one. */
  readonly price: number
  readonly placedAt: number
}

/** What a customer asks for. */
export interface OrderRequest {
  readonly productId: number
  /** 1 to 20. */
  readonly quantity: number
}

/** Whose orders: a customer's, a store's, or all. */
export interface OrderScope {
  readonly customerId?: string
  readonly storeCode?: string
}

/** What orders come to. */
export interface OrderTotals {
  readonly count: number
  /** Cents. */
  readonly amount: number
}

/** Every order there is. */
export interface OrderBook {
  /** The order's number, or undefined if there is no such product. */
  place(customerId: string, request: OrderRequest): Promise<number | undefined>
  /** Newest first, a hundred at most. */
  list(scope?: OrderScope): Promise<readonly Order[]>
  /** Of all that are in the scope, however many. */
  totals(scope?: OrderScope): Promise<OrderTotals>
}

/** In PostgreSQL. */
export function orderBook(query: PostgresQuery): OrderBook {
  const ask = asker(query, "orders")
  const inScope = `from quayside.orders as o
    join quayside.products as p on p.id = o.product_id
    join quayside.people as c on c.id = o.customer_id
    where ($1::text is null or o.customer_id = $1) and ($2::text is null or p.store_code = $2)`

  function ofScope({ customerId, storeCode }: OrderScope): [string | null, string | null] {
    return [customerId ?? null, storeCode ?? null]
  }

  return {
    async place(customerId, { productId, quantity }) {
      const [row] = await ask(
        "place",
        `insert into quayside.orders (customer_id, product_id, quantity, price, placed_at)
         select $1, id, $3, price, $4 from quayside.products where id = $2 returning id`,
        [customerId, productId, quantity, Date.now()],
      )
      return row && Number(row["id"])
    },

    async list(scope = {}) {
      const text = `select o.*, p.name as product_name, p.store_code, c.name as customer_name ${inScope}
        order by o.id desc limit 100`
      return (await ask("list", text, ofScope(scope))).map(orderOf)
    },

    async totals(scope = {}) {
      const text = `select count(*) as count, coalesce(sum(o.price::bigint * o.quantity), 0) as amount ${inScope}`
      const [row] = await ask("totals", text, ofScope(scope))
      return { count: Number(row?.["count"]), amount: Number(row?.["amount"]) }
    },
  }
}

function orderOf(row: Row): Order {
  return {
    id: Number(row["id"]),
    customerName: String(row["customer_name"]),
    storeCode: String(row["store_code"]),
    productName: String(row["product_name"]),
    quantity: Number(row["quantity"]),
    price: Number(row["price"]),
    placedAt: Number(row["placed_at"]),
  }
}

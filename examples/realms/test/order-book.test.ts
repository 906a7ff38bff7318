import { afterAll, beforeAll, expect, test } from "vitest"
import { peopleTable } from "../src/people/people-table.js"
import { type OrderBook, orderBook } from "../src/shop/order-book.js"
import { freshDatabase } from "./fresh-database.js"

let database: Awaited<ReturnType<typeof freshDatabase>>
let orders: OrderBook
let ann: string
let bob: string

beforeAll(async () => {
  database = await freshDatabase()
  const people = peopleTable(database.query)
  const idOf = async (email: string): Promise<string> =>
    (await people.create({ email, emailVerifiedAt: null, createdAt: 1 }))?.id ?? ""
  ann = await idOf("ann@example.com")
  bob = await idOf("bob@example.com")
  const text = `with s as (insert into quayside.stores values ('A', 'A', ''), ('B', 'B', '') returning code)
    insert into quayside.products (store_code, name, picture, price)
    select code, 'of ' || code, '', case code when 'A' then 100 else 10000000 end from s order by code`
  await database.query({ name: "products", text, values: [] })
  orders = orderBook(database.query)
})
afterAll(() => database?.close())

test("orders are seen by whom they concern, at the price of their day", async () => {
  expect(await orders.totals()).toEqual({ count: 0, amount: 0 })
  await orders.place(ann, { productId: 1, quantity: 2 })
  await orders.place(bob, { productId: 2, quantity: 20 })
  await orders.place(ann, { productId: 2, quantity: 20 })
  await database.query({
    name: "dearer",
    text: "update quayside.products set price = 150 where id = 1",
    values: [],
  })

  const names = async (scope: object): Promise<readonly string[]> =>
    (await orders.list(scope)).map(({ customerName, productName }) => `${customerName} ${productName}`)
  expect(await names({})).toEqual(["ann of B", "bob of B", "ann of A"])
  expect(await names({ customerId: ann })).toEqual(["ann of B", "ann of A"])
  expect(await names({ storeCode: "B" })).toEqual(["ann of B", "bob of B"])
  expect(await names({ storeCode: "C" })).toEqual([])
  expect(await orders.totals({ storeCode: "A" })).toEqual({ count: 1, amount: 200 })
  expect(await orders.totals({ storeCode: "B" })).toEqual({ count: 2, amount: 400_000_000 })
  expect(await orders.totals({ customerId: bob })).toEqual({ count: 1, amount: 200_000_000 })
})

test("what is not sold is not ordered", async () => {
  expect(await orders.place(ann, { productId: 99, quantity: 1 })).toBeUndefined()
})

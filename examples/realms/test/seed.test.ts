import { migrate, postgresStores } from "@mortise/adapter-postgres"
import { createAuth, opaque } from "@mortise/core"
import { password } from "@mortise/core/password"
import { testHasher } from "@mortise/core/testing"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { createTables } from "../src/databases/tables.js"
import { demoPassword, demoPeople } from "../src/demo-data.js"
import { peopleTable } from "../src/people/people-table.js"
import { type SeedParts, seed } from "../src/seed.js"
import { catalogue } from "../src/shop/catalogue.js"
import { storeDirectory } from "../src/shop/store-directory.js"
import { freshDatabase } from "./fresh-database.js"

const users = { users: "host" } as const

let database: Awaited<ReturnType<typeof freshDatabase>>
let parts: SeedParts
let signIn: (email: string) => Promise<boolean>

beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.query, users)
})
beforeEach(async () => {
  const { query } = database
  await query({ name: "empty", text: "drop schema quayside cascade", values: [] })
  await createTables(query)
  const people = peopleTable(query)
  const stores = { ...postgresStores(query, users), users: people }
  const auth = createAuth({
    origin: "http://localhost:4300",
    secret: crypto.randomUUID(),
    stores,
    sessions: opaque(),
    flows: { password: password({ hasher: testHasher() }) },
  })
  const { set, signIn: enter } = auth.flows.password
  parts = { query, people, credentials: stores.credentials, setPassword: (id, text) => set(id, text) }
  signIn = async (email) => (await enter({ email, password: demoPassword })).ok
})
afterAll(() => database?.close())

test("everybody can sign in, runs their store, and there is something to buy", async () => {
  await seed(parts)
  const directory = storeDirectory(database.query)
  for (const { email, role, access } of demoPeople) {
    const person = await parts.people.findByEmail(email)
    expect(person).toMatchObject({ role, username: email.split("@")[0] })
    const stores = await directory.ofPerson(person?.id ?? "")
    expect(stores.map(({ code }) => code)).toEqual(access)
    expect(await signIn(email)).toBe(true)
  }
  expect((await parts.people.findByUsername("store"))?.email).toBe("store@acme.com")
  expect(await catalogue(database.query).list()).toHaveLength(8)
})

test("once more changes nothing, and brings nothing back", async () => {
  await seed(parts)
  const directory = storeDirectory(database.query)
  const id = (await parts.people.findByEmail("store@acme.com"))?.id ?? ""
  await directory.withdraw(id, "ACME")
  await parts.people.changeRole(id, "customer")
  const before = await parts.credentials.find("password", id)

  await seed(parts)
  expect(await directory.ofPerson(id)).toEqual([])
  expect((await parts.people.find(id))?.role).toBe("customer")
  expect(await parts.credentials.find("password", id)).toEqual(before)
  expect(await parts.people.list({ limit: 100 })).toHaveLength(4)
})

test("a start that was broken off is finished by the next one", async () => {
  const broken = { ...parts, setPassword: () => Promise.reject(new Error("the plug")) }
  await expect(seed(broken)).rejects.toThrow("the plug")
  await seed(parts)
  expect(await signIn("customer@example.com")).toBe(true)
})

import { userStoreChecks } from "@mortise/core/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { peopleTable } from "../src/people/people-table.js"
import type { People } from "../src/people/person.js"
import { freshDatabase } from "./fresh-database.js"

let database: Awaited<ReturnType<typeof freshDatabase>>
let people: People

beforeAll(async () => {
  database = await freshDatabase()
  people = peopleTable(database.query)
})
afterAll(() => database?.close())

describe("our table keeps what the port promises of a UserStore", () => {
  for (const check of userStoreChecks) test(check.name, () => check.run(() => ({ a: people, b: people })))
})

describe("by username", () => {
  const emails = ["ann@one.example", "ann@two.example", "bob@one.example"]

  beforeAll(async () => {
    for (const [index, email] of emails.entries()) {
      await people.create({ email, emailVerifiedAt: null, createdAt: 10 - index })
    }
  })

  test.each([
    ["the part before the @", "bob", "bob@one.example"],
    ["of two the oldest account", "ann", "ann@two.example"],
    ["nobody's name", "carol", undefined],
    ["an address is no username", "ann@one.example", undefined],
    ["nothing", "", undefined],
    ["a pattern", "an%", undefined],
  ])("%s", async (_, typed, email) => {
    expect((await people.findByUsername(typed))?.email).toBe(email)
  })
})

test("a role is changed, of those that there are", async () => {
  const person = await people.create({ email: "dora@one.example", emailVerifiedAt: null, createdAt: 1 })
  expect(person?.role).toBe("customer")
  expect(await people.changeRole(person?.id ?? "", "admin")).toBe(true)
  expect((await people.find(person?.id ?? ""))?.role).toBe("admin")
  expect(await people.changeRole("nobody", "admin")).toBe(false)
})

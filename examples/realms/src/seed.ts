import type { PostgresQuery } from "@mortise/adapter-postgres"
import type { CredentialStore, Outcome } from "@mortise/core"
import { asker } from "./databases/ask.js"
import { demoPassword, demoPeople, demoProducts, demoStores } from "./demo-data.js"
import type { People } from "./people/person.js"

/** What seeding needs. */
export interface SeedParts {
  readonly query: PostgresQuery
  readonly people: People
  readonly credentials: CredentialStore
  /** Sets a password, and ends all sessions of that person. */
  setPassword(personId: string, password: string): Promise<Outcome>
}

/**
 * Fills an empty site; one that is not empty stays as it is, whatever an administrator has changed. A start that was broken off is finished
 * by the next one.
 */
export async function seed({ query, people, credentials, setPassword }: SeedParts): Promise<void> {
  const createdAt = Date.now()
  const data = {
    stores: demoStores,
    products: demoProducts,
    // A millisecond apart, so that the order is the order of the list.
    people: demoPeople.map((person, index) => ({ ...person, created_at: createdAt + index })),
  }
  await asker(query, "seed")("fill", fill, [JSON.stringify(data)])
  for (const { email } of demoPeople) {
    const person = await people.findByEmail(email)
    if (!person || (await credentials.find("password", person.id))) continue
    const outcome = await setPassword(person.id, demoPassword)
    if (!outcome.ok) throw new Error(`The password of ${email} was not set: ${outcome.reason}`)
  }
}

// One statement, so that it happens wholly or not at all.
const fill = `
with seed as (
  select ($1::text)::jsonb as data where not exists (select from quayside.stores)
), new_stores as (
  insert into quayside.stores (code, name, tagline)
  select s.code, s.name, s.tagline
  from seed, jsonb_to_recordset(data -> 'stores') as s (code text, name text, tagline text)
), new_people as (
  insert into quayside.people (email, username, name, role, email_verified_at, created_at)
  select p.email, split_part(p.email, '@', 1), p.name, p.role, p.created_at, p.created_at
  from seed, jsonb_to_recordset(data -> 'people') as p (email text, name text, role text, created_at bigint)
  returning id, email
), new_access as (
  insert into quayside.store_access (person_id, store_code)
  select n.id, code
  from seed, jsonb_to_recordset(data -> 'people') as p (email text, access jsonb)
  join new_people as n on n.email = p.email
  cross join jsonb_array_elements_text(p.access) as code
)
insert into quayside.products (store_code, name, picture, price)
select r.store, r.name, r.picture, r.price
from seed, jsonb_to_recordset(data -> 'products') as r (store text, name text, picture text, price integer)`

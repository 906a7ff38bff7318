import type { PostgresQuery } from "@mortise/adapter-postgres"

/** The site's own tables, beside those of the library. Instants are epoch milliseconds, prices are cents. */
export async function createTables(query: PostgresQuery): Promise<void> {
  const text = `do $$
    begin
      create schema if not exists quayside;
      create table if not exists quayside.people (
        id text collate "C" primary key default gen_random_uuid()::text,
        email text collate "C" not null unique,
        username text collate "C" not null,
        name text not null,
        role text not null check (role in ('admin', 'store', 'customer')),
        email_verified_at bigint,
        disabled_at bigint,
        created_at bigint not null
      );
      create index if not exists people_username on quayside.people (username, created_at, id);
      create table if not exists quayside.stores (
        code text collate "C" primary key,
        name text not null,
        tagline text not null
      );
      create table if not exists quayside.store_access (
        person_id text collate "C" references quayside.people (id) on delete cascade,
        store_code text collate "C" references quayside.stores (code) on delete cascade,
        primary key (person_id, store_code)
      );
      create table if not exists quayside.products (
        id integer generated always as identity primary key,
        store_code text collate "C" not null references quayside.stores (code),
        name text not null,
        picture text not null,
        price integer not null check (price between 1 and 10000000)
      );
      create table if not exists quayside.orders (
        id integer generated always as identity primary key,
        customer_id text collate "C" not null references quayside.people (id) on delete cascade,
        product_id integer not null references quayside.products (id),
        quantity integer not null check (quantity between 1 and 20),
        price integer not null,
        placed_at bigint not null
      );
    end
  $$`
  await query({ name: "quayside.create", text, values: [] })
}

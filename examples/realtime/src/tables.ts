import type { PostgresQuery } from "@mortise/adapter-postgres"

/**
 * The application's own tables, beside those of the library and tied to its users: what a person wrote goes when their account goes. Several
 * servers may start at once, hence the lock.
 */
export async function createTables(query: PostgresQuery): Promise<void> {
  const text = `do $$
    begin
      perform pg_advisory_xact_lock(hashtextextended('parlour tables', 0));
      create table if not exists people (
        user_id text collate "C" primary key references mortise.users (id) on delete cascade,
        name text not null
      );
      create table if not exists messages (
        id bigint generated always as identity primary key,
        user_id text collate "C" not null references mortise.users (id) on delete cascade,
        text text not null,
        said_at timestamptz not null default now()
      );
      create index if not exists messages_by_user on messages (user_id);
    end
  $$`
  await query({ name: "parlour.create", text, values: [] })
}

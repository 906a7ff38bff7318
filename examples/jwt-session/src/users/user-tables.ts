import type { PostgresQuery } from "@mortise/adapter-postgres"

/** Our own tables, beside those of the library. Several servers may start at once, hence the lock. */
export async function createUserTables(query: PostgresQuery): Promise<void> {
  const text = `do $$
    begin
      perform pg_advisory_xact_lock(hashtextextended('almanac tables', 0));
      create schema if not exists almanac;
      create table if not exists almanac.users (
        id text collate "C" primary key,
        email text collate "C" not null unique,
        username text not null,
        email_verified_at bigint,
        disabled_at bigint,
        created_at bigint not null,
        last_login_at bigint,
        logins integer not null default 0
      );
      create table if not exists almanac.github_profiles (
        subject text collate "C" primary key,
        username text not null,
        is_sponsor boolean not null,
        seen_at bigint not null
      );
    end
  $$`
  await query({ name: "almanac.create", text, values: [] })
}

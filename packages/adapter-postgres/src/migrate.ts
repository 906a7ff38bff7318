import { accounts } from "./migrations/1-accounts.js"
import { sessions } from "./migrations/2-sessions.js"
import { challenges } from "./migrations/3-challenges.js"
import { auditLog } from "./migrations/4-audit-log.js"
import { realms } from "./migrations/5-realms.js"
import { auditChain } from "./migrations/6-audit-chain.js"
import { consents } from "./migrations/7-consents.js"
import type { Migration } from "./migrations/migration.js"
import { type PostgresQuery, run, type Statement } from "./query.js"
import { retryConflicts } from "./retry.js"
import { type PostgresOptions, type Settings, settingsOf, statementIn } from "./settings.js"

const migrations: readonly Migration[] = [
  accounts,
  sessions,
  challenges,
  auditLog,
  realms,
  auditChain,
  consents,
]

/**
 * Brings the schema up to this version of the adapter: makes it where it is missing, runs the migrations
 * that its `migrations` table does not hold, and changes nothing when it holds them all. Any number of
 * processes may call it at once, as when they all start; each migration is one statement, so it happens
 * wholly or not at all. The role needs the right to create only where something is missing.
 *
 * Rejects if the schema was made with another setting of `users`.
 * @throws RangeError for a schema that is no plain identifier
 */
export async function migrate(query: PostgresQuery, options: PostgresOptions = {}): Promise<void> {
  const settings = settingsOf(options)
  // A migration that changes tables in use may meet a statement that holds one and waits for the other.
  const retrying = retryConflicts(query)
  for (const migration of migrations) await run(retrying, migrationStatement(settings, migration), [])
}

// One `do` block is one statement: every driver sends it whole, it is its own transaction, and it can look
// before it creates. The lock is taken before anything is read, and in READ COMMITTED each statement of the
// block has a snapshot of its own, so what another process did while this one waited is seen.
function migrationStatement(settings: Settings, migration: Migration): Statement {
  const schema = `"${settings.schema}"`
  const { users } = settings
  const { number, name } = migration
  return statementIn(
    settings,
    `migrate.${number}`,
    `do $mortise$
    declare made_for text;
    begin
      perform pg_advisory_xact_lock(hashtextextended('mortise migrations of ${settings.schema}', 0));
      if to_regnamespace('${schema}') is null then
        create schema ${schema};
      end if;
      if to_regclass('${schema}.migrations') is null then
        create table ${schema}.migrations (
          number integer primary key,
          name text not null,
          users text not null check (users in ('mortise', 'host')),
          applied_at timestamptz not null default now()
        );
      end if;
      select users into made_for from ${schema}.migrations limit 1;
      if made_for <> '${users}' then
        raise exception 'Schema % was made with users: "%", not "%".',
          '${settings.schema}', made_for, '${users}' using hint = 'Give stores, migrate and purge the same options, or name another schema.';
      end if;
      if not exists (select from ${schema}.migrations where number = ${number}) then
        ${migration.statements(schema, users)}
        insert into ${schema}.migrations (number, name, users) values (${number}, '${name}', '${users}');
      end if;
    end
    $mortise$`,
  )
}

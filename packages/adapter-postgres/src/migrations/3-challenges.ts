import type { Migration } from "./migration.js"

/** Short-lived values: what may be used once, and the counters of the throttles. */
export const challenges: Migration = {
  number: 3,
  name: "challenges",
  statements: (schema) => valuesTable(schema, "challenges") + valuesTable(schema, "rate_limits"),
}

// Room on each page, so that a counter that goes up rewrites its row in place and leaves the indexes alone.
function valuesTable(schema: string, table: string): string {
  return `
    create table ${schema}.${table} (
      key text collate "C" primary key check (char_length(key) between 1 and 512),
      value text collate "C" not null,
      expires_at timestamptz not null
    ) with (fillfactor = 80);
    create index ${table}_by_expiry on ${schema}.${table} (expires_at);
  `
}

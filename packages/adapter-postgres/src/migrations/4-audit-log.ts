import type { Migration } from "./migration.js"

/** The log of events. Without foreign keys: it outlives the account. */
export const auditLog: Migration = {
  number: 4,
  name: "audit log",
  statements: (schema) => `
    create table ${schema}.audit_log (
      id bigint generated always as identity primary key,
      at timestamptz not null,
      type text not null,
      realm text not null,
      user_id text collate "C",
      event jsonb not null
    );
    create index audit_log_by_time on ${schema}.audit_log (at desc, id desc);
    create index audit_log_by_user on ${schema}.audit_log (user_id, at desc, id desc)
      where user_id is not null;
  `,
}

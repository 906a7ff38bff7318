import type { UsersKept } from "../settings.js"
import { type Migration, ownedByUser } from "./migration.js"

/** Sessions, and each user's epoch where there is no users table to hold it. */
export const sessions: Migration = {
  number: 2,
  name: "sessions",
  statements: (schema, users) => (users === "host" ? epochsTable(schema) : "") + sessionsTable(schema, users),
}

// A row stays when the sessions are gone: it is what keeps a sign-in that is still under way out.
function epochsTable(schema: string): string {
  return `
    create table ${schema}.session_epochs (
      user_id text collate "C" primary key check (char_length(user_id) between 1 and 128),
      epoch integer not null check (epoch >= 0)
    );
  `
}

function sessionsTable(schema: string, users: UsersKept): string {
  return `
    create table ${schema}.sessions (
      id text collate "C" primary key check (char_length(id) between 1 and 128),
      realm text not null,
      user_id text collate "C" not null check (char_length(user_id) between 1 and 128),
      secret_hash text not null,
      epoch integer not null,
      revision integer not null check (revision >= 0),
      created_at timestamptz not null,
      authenticated_at timestamptz not null,
      last_seen_at timestamptz not null,
      expires_at timestamptz not null,
      absolute_expires_at timestamptz not null,
      methods jsonb not null check (jsonb_typeof(methods) = 'array'),
      claims jsonb not null check (jsonb_typeof(claims) = 'object'),
      address text not null,
      user_agent text not null,
      check (expires_at <= absolute_expires_at)
      ${users === "mortise" ? ownedByUser(schema) : ""}
    );
    create index sessions_by_user on ${schema}.sessions (user_id, created_at desc);
    create index sessions_by_expiry on ${schema}.sessions (expires_at);
    comment on column ${schema}.sessions.secret_hash is 'SHA-256 of the secret half of the token';
  `
}

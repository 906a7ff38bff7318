import type { UsersKept } from "../settings.js"
import { type Migration, ownedByUser } from "./migration.js"

/** Users, unless the host keeps them, and what they prove themselves with. */
export const accounts: Migration = {
  number: 1,
  name: "accounts",
  statements: (schema, users) =>
    (users === "mortise" ? usersTable(schema) : "") + credentialsTable(schema, users),
}

// Keys compare byte by byte (collate "C"): exact, and faster than the rules of any language.
function usersTable(schema: string): string {
  return `
    create table ${schema}.users (
      id text collate "C" primary key default gen_random_uuid()::text
        check (char_length(id) between 1 and 128),
      email text collate "C" not null unique check (char_length(email) between 1 and 320),
      email_verified_at timestamptz,
      disabled_at timestamptz,
      session_epoch integer not null default 0 check (session_epoch >= 0),
      created_at timestamptz not null
    );
    create index users_by_creation on ${schema}.users (created_at, id);
    comment on column ${schema}.users.email is 'canonical address';
    comment on column ${schema}.users.session_epoch is 'how often all sessions of this user were ended';
  `
}

function credentialsTable(schema: string, users: UsersKept): string {
  return `
    create table ${schema}.credentials (
      kind text collate "C" not null check (char_length(kind) between 1 and 64),
      handle text collate "C" not null check (char_length(handle) between 1 and 2048),
      user_id text collate "C" not null check (char_length(user_id) between 1 and 128),
      secret text not null,
      revision integer not null check (revision >= 0),
      created_at timestamptz not null,
      changed_at timestamptz not null,
      primary key (kind, handle)
      ${users === "mortise" ? ownedByUser(schema) : ""}
    );
    create index credentials_by_user on ${schema}.credentials (user_id);
    comment on column ${schema}.credentials.secret is 'password hash, sealed seed, public key; never plain';
  `
}

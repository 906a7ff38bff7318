import type { Migration } from "./migration.js"

/** Whose users: an address, and a credential's handle, are unique within a realm. What is there already belongs to all. */
export const realms: Migration = {
  number: 5,
  name: "realms",
  statements: (schema, users) =>
    users === "mortise"
      ? usersByRealm(schema) + credentialsByRealm(schema) + ownedWithinRealm(schema)
      : credentialsByRealm(schema),
}

// Ids stay unique over all realms (the primary key stays): sessions, epochs and the log know a user by the id
// alone. The second key beside it is there for credentials to refer to.
function usersByRealm(schema: string): string {
  return `
    alter table ${schema}.users
      add column realm ${realmColumn},
      drop constraint users_email_key,
      add unique (realm, email),
      add unique (realm, id);
    drop index ${schema}.users_by_creation;
    create index users_by_creation on ${schema}.users (realm, created_at, id);
    comment on column ${schema}.users.realm is 'the realm whose user this is; empty: of all that share';
  `
}

function credentialsByRealm(schema: string): string {
  return `
    alter table ${schema}.credentials
      add column realm ${realmColumn},
      drop constraint credentials_pkey,
      add primary key (realm, kind, handle);
    drop index ${schema}.credentials_by_user;
    create index credentials_by_user on ${schema}.credentials (user_id, realm);
    comment on column ${schema}.credentials.realm is 'as of the user';
  `
}

// No credential of one realm for a user of another, whoever writes it; and it goes where its user goes.
function ownedWithinRealm(schema: string): string {
  return `
    alter table ${schema}.credentials
      drop constraint credentials_user_id_fkey,
      add foreign key (realm, user_id) references ${schema}.users (realm, id)
        on update cascade on delete cascade;
  `
}

// With a default: a process of the version before, which goes on while this one starts, writes none.
const realmColumn = `text collate "C" not null default '' check (char_length(realm) <= 32)`

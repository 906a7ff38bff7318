import { type Migration, ownedByUser } from "./migration.js"

/** What users agreed to, and took back: a row for each time. */
export const consents: Migration = {
  number: 7,
  name: "consents",
  statements: (schema, users) => `
    create table ${schema}.consents (
      number bigint generated always as identity primary key,
      user_id text collate "C" not null check (char_length(user_id) between 1 and 128),
      purpose text not null check (char_length(purpose) between 1 and 64),
      version text not null check (char_length(version) between 1 and 64),
      given boolean not null,
      at timestamptz not null
      ${users === "mortise" ? ownedByUser(schema) : ""}
    );
    create index consents_by_user on ${schema}.consents (user_id, at, number);
    comment on column ${schema}.consents.version is 'of the text that was agreed to';
  `,
}

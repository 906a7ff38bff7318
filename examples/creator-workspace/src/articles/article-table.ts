import type { PostgresQuery, Row } from "@mortise/adapter-postgres"
import { StoreError } from "@mortise/core"
import type { ArticleStore } from "./article.js"

/**
 * The application's own table, beside those of the library and tied to its users: an account takes its article along when it goes.
 * Several servers may start at once, hence the lock.
 */
export async function createArticleTable(query: PostgresQuery): Promise<void> {
  const text = `do $$
    begin
      perform pg_advisory_xact_lock(hashtextextended('deckle tables', 0));
      create table if not exists articles (
        user_id text collate "C" primary key references mortise.users (id) on delete cascade,
        file_name text not null,
        markdown text not null,
        imported_at timestamptz not null
      );
    end
  $$`
  await query({ name: "articles.create", text, values: [] })
}

/** Articles in PostgreSQL. A database that fails is a StoreError, so it is answered with 503 as the library's own stores are. */
export function articleTable(query: PostgresQuery): ArticleStore {
  async function run(name: string, text: string, values: (string | number)[]): Promise<readonly Row[]> {
    try {
      return (await query({ name: `articles.${name}`, text, values })).rows
    } catch (cause) {
      throw new StoreError("articles", cause)
    }
  }

  return {
    async find(userId) {
      const rows = await run(
        "find",
        `select file_name, markdown, (extract(epoch from imported_at) * 1000)::float8 as imported_at
         from articles where user_id = $1`,
        [userId],
      )
      const row = rows[0]
      return (
        row && {
          fileName: String(row["file_name"]),
          markdown: String(row["markdown"]),
          importedAt: Number(row["imported_at"]),
        }
      )
    },

    async save(userId, { fileName, markdown, importedAt }) {
      await run(
        "save",
        `insert into articles (user_id, file_name, markdown, imported_at)
         values ($1, $2, $3, to_timestamp($4::float8 / 1000))
         on conflict (user_id) do update set
           file_name = excluded.file_name, markdown = excluded.markdown, imported_at = excluded.imported_at`,
        [userId, fileName, markdown, importedAt],
      )
    },
  }
}

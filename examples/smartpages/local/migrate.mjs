import { readdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { unstable_readConfig as readConfig, unstable_splitSqlQuery as splitSql } from "wrangler"

/**
 * Applies to every D1 database of a Worker the migrations that it does not have yet, in order, and notes them where wrangler does. A migration and
 * its note are one transaction.
 *
 * @param {import("miniflare").Miniflare} miniflare
 * @param {string} config path of the wrangler file
 */
export async function migrate(miniflare, config) {
  const { d1_databases, name } = readConfig({ config })
  for (const { binding, migrations_dir = "migrations" } of d1_databases) {
    const database = await miniflare.getD1Database(binding, name)
    await database
      .prepare(
        `create table if not exists d1_migrations (
           id integer primary key autoincrement, name text unique,
           applied_at timestamp default current_timestamp not null
         )`,
      )
      .run()
    const { results } = await database.prepare("select name from d1_migrations").all()
    const applied = new Set(results.map((row) => row["name"]))
    const folder = join(dirname(config), migrations_dir)
    for (const file of (await readdir(folder)).sort()) {
      if (applied.has(file)) continue
      const statements = splitSql(await readFile(join(folder, file), "utf8"))
      await database.batch([
        ...statements.map((statement) => database.prepare(statement)),
        database.prepare("insert into d1_migrations (name) values (?)").bind(file),
      ])
    }
  }
}

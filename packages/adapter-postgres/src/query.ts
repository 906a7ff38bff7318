/** What a statement's parameters may be: nothing whose encoding differs from driver to driver. */
export type Value = string | number | boolean | null

/** A row by column names. Only text, numbers and booleans are ever selected. */
export interface Row {
  readonly [column: string]: unknown
}

/**
 * The one thing that this adapter needs from a driver: run one statement with positional parameters (`$1`
 * …), on its own, outside of any transaction, and answer its rows. pg, postgres.js, PGlite and others fit
 * in a line each; the README has them.
 *
 * `name` stands for `text`: the same name always comes with the same text, at most 63 characters, so a
 * driver that prepares named statements parses each once per connection. A driver without names ignores it.
 * A failed statement rejects with the driver's error, whose `code` is the SQLSTATE.
 */
export type PostgresQuery = (statement: {
  name: string
  text: string
  values: Value[]
}) => Promise<{ rows: readonly Row[] }>

/** A statement whose text was put together once, when the stores were made. */
export interface Statement {
  readonly name: string
  readonly text: string
}

/** Runs a prepared text with its parameters and answers the rows. */
export async function run(
  query: PostgresQuery,
  statement: Statement,
  values: Value[],
): Promise<readonly Row[]> {
  const { rows } = await query({ name: statement.name, text: statement.text, values })
  return rows
}

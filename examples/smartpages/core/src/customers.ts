import type { D1Database } from "@cloudflare/workers-types"
import type { EpochMs, User, UserStore } from "@mortise/core"
import { isLocale, type Locale, locales } from "../../words/locale.js"

/** A customer as the customers table has them: what the library needs of a user, and the language that they came in. */
export interface Customer extends User {
  readonly locale: Locale
}

interface Row {
  readonly id: string
  readonly email: string
  readonly locale: Locale
  readonly email_verified_at: EpochMs | null
  readonly disabled_at: EpochMs | null
  readonly created_at: EpochMs
}

const columns = "id, email, locale, email_verified_at, disabled_at, created_at"

/**
 * Our own customers table in D1, as the library's users. One statement a step, so D1 makes each indivisible; rejects when D1 does.
 */
export function customers(database: D1Database): UserStore<Customer> {
  async function first(
    statement: string,
    ...values: (string | number | null)[]
  ): Promise<Customer | undefined> {
    const row = await database
      .prepare(statement)
      .bind(...values)
      .first<Row>()
    return row ? customerOf(row) : undefined
  }

  const find = (id: string): Promise<Customer | undefined> =>
    first(`select ${columns} from customers where id = ?`, id)

  return {
    create({ email, emailVerifiedAt, createdAt, locale }) {
      return first(
        `insert into customers (${columns}) values (?, ?, ?, ?, null, ?) on conflict do nothing returning ${columns}`,
        newCustomerId(createdAt),
        email,
        isLocale(locale) ? locale : locales[0],
        emailVerifiedAt,
        createdAt,
      )
    },

    find,

    findByEmail: (email) => first(`select ${columns} from customers where email = ?`, email),

    async update(id, { email, emailVerifiedAt, disabledAt }) {
      // What is not named keeps its value. A taken address leaves the row as it is, and nothing comes back.
      const updated = await first(
        `update or ignore customers set
           email = coalesce(?2, email),
           email_verified_at = iif(?3, ?4, email_verified_at),
           disabled_at = iif(?5, ?6, disabled_at)
         where id = ?1 returning ${columns}`,
        id,
        email ?? null,
        Number(emailVerifiedAt !== undefined),
        emailVerifiedAt ?? null,
        Number(disabledAt !== undefined),
        disabledAt ?? null,
      )
      return updated ?? ((await find(id)) ? "taken" : "absent")
    },

    async delete(id) {
      return (await first(`delete from customers where id = ? returning ${columns}`, id)) !== undefined
    },

    async list({ limit, after = "" }) {
      const { results } = await database
        .prepare(`select ${columns} from customers where id > ? order by id limit ?`)
        .bind(after, limit)
        .all<Row>()
      return results.map(customerOf)
    },
  }
}

function customerOf(row: Row): Customer {
  return {
    id: row.id,
    email: row.email,
    locale: row.locale,
    emailVerifiedAt: row.email_verified_at,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
  }
}

/** A UUID of version 7 (RFC 9562, section 5.7): 48 bits of the creation time, then random ones. */
function newCustomerId(createdAt: EpochMs): string {
  const time = createdAt.toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}

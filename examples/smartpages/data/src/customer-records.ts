import type { D1Database } from "@cloudflare/workers-types"
import type { Locale } from "../../words/locale.js"
import { type CustomerDetails, checkDetails, type Field } from "./customer-details.js"

/** A customer's details as kept; `version` counts the saves, from 1. */
export interface CustomerRecord extends CustomerDetails {
  readonly version: number
}

/** What a save came to. */
export type Saved =
  | { readonly ok: true; readonly record: CustomerRecord }
  /** Somebody saved in between: this is what is there now. */
  | { readonly ok: false; readonly reason: "conflict"; readonly record: CustomerRecord }
  | { readonly ok: false; readonly reason: "invalid"; readonly fields: readonly Field[] }
  | { readonly ok: false; readonly reason: "absent" }

/** The customers' details. Whoever calls has made sure whose they are. */
export interface CustomerRecords {
  /**
   * The customer's record, made on the first call with a title in their language. However many callers come at once, and however often:
   * there is one record, and a later call changes nothing in it.
   */
  open(customerId: string, locale: Locale): Promise<CustomerRecord>
  /** Saves `{ version, …details }` if `version` is still the current one. Of N parallel callers with one version exactly one saves. */
  save(customerId: string, change: object): Promise<Saved>
}

const firstTitle: Readonly<Record<Locale, string>> = { en: "My page", de: "Meine Seite" }

const columns = "title, company, phone, about, version"

/** The customers' details in D1. Rejects when the database does. */
export function customerRecords(database: D1Database, clock: () => number = Date.now): CustomerRecords {
  const find = (customerId: string) =>
    database.prepare(`select ${columns} from customer_records where customer_id = ?`).bind(customerId)

  return {
    async open(customerId, locale) {
      const initialize = database
        .prepare(
          `insert into customer_records (customer_id, ${columns}, created_at, changed_at)
           values (?1, ?2, '', '', '', 1, ?3, ?3) on conflict do nothing`,
        )
        .bind(customerId, firstTitle[locale], clock())
      const [, found] = await database.batch<CustomerRecord>([initialize, find(customerId)])
      const record = found?.results[0]
      if (!record) throw new Error("A record that was just made is not there.")
      return record
    },

    async save(customerId, change) {
      const details = checkDetails(change)
      if (!("title" in details)) return { ok: false, reason: "invalid", fields: details }
      const { title, company, phone, about } = details
      const saved = await database
        .prepare(
          `update customer_records
           set title = ?3, company = ?4, phone = ?5, about = ?6, version = version + 1, changed_at = ?7
           where customer_id = ?1 and version = ?2 returning ${columns}`,
        )
        .bind(customerId, versionOf(change), title, company, phone, about, clock())
        .first<CustomerRecord>()
      if (saved) return { ok: true, record: saved }
      const record = await find(customerId).first<CustomerRecord>()
      return record ? { ok: false, reason: "conflict", record } : { ok: false, reason: "absent" }
    },
  }
}

/** 0 is nobody's version. */
function versionOf(change: object): number {
  const version: unknown = Reflect.get(change, "version")
  return Number.isSafeInteger(version) ? Number(version) : 0
}

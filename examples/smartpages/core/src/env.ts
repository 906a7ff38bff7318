import type { D1Database } from "@cloudflare/workers-types"
import type { KeyValueNamespace, ObjectNamespace } from "@mortise/adapter-kv"
import type { MailerBinding } from "@mortise/core/mail/service-binding"
import type { CustomerRecords } from "../../data/src/customer-records.js"
import type { Locale } from "../../words/locale.js"

/** What wrangler.jsonc binds to the Core Worker. */
export interface CoreEnv {
  /** The address in the browser. */
  readonly ORIGIN: string
  /** At least 32 random characters; `new,old` while it is being changed. Absent until somebody has put it there. */
  readonly AUTH_SECRET?: string
  readonly SESSIONS: KeyValueNamespace
  readonly AUTH: ObjectNamespace
  readonly CUSTOMERS: D1Database
  /** The built pages of web/. */
  readonly ASSETS: PageFiles
  readonly MAILER: MailerBinding<Locale>
  readonly DATA: CustomerRecords
}

/** Answers the file at a path as it was built. */
export interface PageFiles {
  fetch(request: Request): Promise<Response>
}

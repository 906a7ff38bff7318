import { WorkerEntrypoint } from "cloudflare:workers"
import type { D1Database } from "@cloudflare/workers-types"
import type { Locale } from "../../words/locale.js"
import { type CustomerRecord, type CustomerRecords, customerRecords, type Saved } from "./customer-records.js"

interface DataEnv {
  readonly RECORDS: D1Database
}

/** The data Worker. It has no address on the web: only a Worker that is bound to it can call it. */
export default class Data extends WorkerEntrypoint<DataEnv> implements CustomerRecords {
  open(customerId: string, locale: Locale): Promise<CustomerRecord> {
    return customerRecords(this.env.RECORDS).open(customerId, locale)
  }

  save(customerId: string, change: object): Promise<Saved> {
    return customerRecords(this.env.RECORDS).save(customerId, change)
  }
}

import type { CustomerDetails, Field } from "../../../data/src/customer-details.js"
import type { CustomerRecord } from "../../../data/src/customer-records.js"

/** What the Core Worker answers about the customer's record. */
export type CustomerAnswer =
  | { readonly ok: true; readonly record: CustomerRecord }
  /** Saved elsewhere in between; this is what is there now. */
  | { readonly ok: false; readonly reason: "conflict"; readonly record: CustomerRecord }
  | { readonly ok: false; readonly reason: "invalid"; readonly fields: readonly Field[] }
  /** The session is over, or was ended elsewhere. */
  | { readonly ok: false; readonly reason: "signed_out" }
  /** Something does not answer, the network included. */
  | { readonly ok: false; readonly reason: "unavailable" }

const path = "/api/customer"

/** Whose record this page shows, as the first answer said. */
let customer: string | null = null

/** The record of whoever is signed in. Never rejects. */
export function loadCustomer(): Promise<CustomerAnswer> {
  return ask({ headers: { accept: "application/json" } })
}

/** Saves the details over the version that they were made from. Never rejects. */
export function saveCustomer(details: CustomerDetails, version: number): Promise<CustomerAnswer> {
  return ask({
    method: "PUT",
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      ...(customer === null ? {} : { "x-customer": customer }),
    },
    body: JSON.stringify({ ...details, version }),
  })
}

async function ask(request: RequestInit): Promise<CustomerAnswer> {
  try {
    const answer = await fetch(path, { ...request, redirect: "error" })
    // 412: somebody else has signed in in this browser.
    if (answer.status === 401 || answer.status === 412) return { ok: false, reason: "signed_out" }
    const body = await answer.json()
    if (answer.ok) {
      customer ??= answer.headers.get("x-customer")
      return { ok: true, record: body }
    }
    if (answer.status === 409) return { ok: false, reason: "conflict", record: body.record }
    if (answer.status === 422) return { ok: false, reason: "invalid", fields: body.fields }
  } catch {
    // No connection, or no JSON: nothing of ours answered.
  }
  return { ok: false, reason: "unavailable" }
}

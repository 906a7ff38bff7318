import type { Refusal } from "../outcome.js"

/** Whether a session was not opened because the realm's rule says so, which has a status of its own and its own words, or why else. */
export function causeOf({ status }: Refusal): "not_admitted" | "revoked_meanwhile" {
  return status ? "not_admitted" : "revoked_meanwhile"
}

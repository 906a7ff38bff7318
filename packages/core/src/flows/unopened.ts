import type { Refusal } from "../outcome.js"

/** Why a session was not opened that everything else spoke for. */
export type UnopenedCause = "mfa_required" | "not_admitted" | "revoked_meanwhile"

/** A second factor is missing; or the realm's rule says so, which has a status of its own and its own words; or everything was revoked meanwhile. */
export function causeOf({ next, status }: Refusal): UnopenedCause {
  if (next) return "mfa_required"
  return status ? "not_admitted" : "revoked_meanwhile"
}

import type { GuardedRequest } from "../guarded-request.js"

/** Whether the request only asks if the session of an idle user is over. What nobody uses must not go on because it was looked at. */
export function onlyLooks(request: GuardedRequest | undefined): boolean {
  return request?.header("mortise-session") === "peek"
}

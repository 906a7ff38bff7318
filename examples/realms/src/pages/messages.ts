import type { AreaName } from "./areas.js"

const errors: Readonly<Record<string, string>> = {
  // What comes second is true of every name, so it tells nobody which ones have accounts.
  invalid_credentials: "That is not right. After several failed attempts, signing in pauses for a while.",
  invalid_request: "Something was missing. Please fill in every field and try again.",
  not_signed_in: "Your session has ended. Please sign in again.",
  rate_limited: "Too many attempts.",
  cross_origin: "That request came from another site, so nothing was done.",
  yourself: "You cannot do that to your own account: nobody might be left to undo it.",
  not_found: "That is gone already.",
  bad_price: "A price is a number above zero, as 12.50.",
  bad_order: "Choose a product and a quantity from 1 to 20.",
}

/** A right password, and the wrong door. */
const wrongDoor: Readonly<Record<AreaName, string>> = {
  admin: "Admin privileges required",
  store: "Admins cannot access store portal",
  storefront: "Customer account required",
}

const notices: Readonly<Record<string, string>> = {
  signed_out: "You are signed out here.",
  role_changed: "Done. That account's sessions have ended, in every area.",
  access_granted: "Granted. It holds from the next request on.",
  access_withdrawn: "Withdrawn. The next request of a live session is refused.",
  deactivated: "Deactivated. All of that account's sessions have ended.",
  activated: "Active again: that account can sign in.",
  price_changed: "The new price is on the market.",
  ordered: "Thank you. Your order is with the store.",
}

/** The words for `?error=…&retry_after=…`; a reason that nobody foresaw gets words too. */
export function errorText(
  reason: string | undefined,
  { area, retryAfter }: { readonly area?: AreaName; readonly retryAfter?: string | undefined } = {},
): string | undefined {
  if (reason === undefined) return undefined
  if (reason === "forbidden" && area) return wrongDoor[area]
  const text = (Object.hasOwn(errors, reason) && errors[reason]) || "That did not work. Please try again."
  if (retryAfter === undefined || !/^\d{1,6}$/.test(retryAfter)) return text
  return `${text} Please wait ${Math.ceil(Number(retryAfter) / 60)} min.`
}

/** The words for `?notice=…`; an unknown one says nothing. */
export function noticeText(notice: string | undefined): string | undefined {
  return notice !== undefined && Object.hasOwn(notices, notice) ? notices[notice] : undefined
}

import type { Bearer, Carrier, Trial } from "./trial.js"

const header = (token: Bearer): Carrier => ({ kind: "header", token })
const cookie = (token: Bearer, name: string): Carrier => ({ kind: "cookie", token, name })

const adminOnly = "Admin privileges required"
const noAdmin = "Admin authentication required"
const noAdmins = "Store access only - admins cannot use store portal"
const noStore = "Store authentication required"
const otherStore = "You have no access to this store"

function get(id: string, who: string, by: Carrier, path: string, status: number, message?: string): Trial {
  return { id, who, by, method: "GET", path, status, ...(message !== undefined && { message }) }
}

/** What must be refused, by header and by cookie, and what is allowed. */
export const trials: readonly Trial[] = [
  {
    id: "admin-login",
    who: "An admin logs in at the store",
    by: { kind: "login", username: "admin" },
    method: "POST",
    path: "/api/v1/store/auth/login",
    status: 403,
    message: "Admins cannot access store portal",
  },
  get("admin-header", "An admin’s valid token", header("admin"), "/store/ACME/dashboard", 403, noAdmins),
  get(
    "admin-cookie",
    "The admin’s cookie, which no browser sends here",
    cookie("admin", "admin_token"),
    "/store/ACME/dashboard",
    401,
    noStore,
  ),
  get(
    "admin-renamed",
    "The admin’s cookie, renamed",
    cookie("admin", "store_token"),
    "/store/ACME/dashboard",
    401,
    noStore,
  ),
  get("store-header", "A store user’s valid token", header("store"), "/admin/dashboard", 403, adminOnly),
  get(
    "store-renamed",
    "The store’s cookie, renamed",
    cookie("store", "admin_token"),
    "/admin/dashboard",
    401,
    noAdmin,
  ),
  get("customer-header", "A customer’s valid token", header("customer"), "/admin/dashboard", 403, adminOnly),
  get(
    "customer-renamed",
    "The customer’s cookie, renamed",
    cookie("customer", "admin_token"),
    "/admin/dashboard",
    401,
    noAdmin,
  ),
  get("other-header", "A store user of ACME", header("store"), "/store/OTHER/dashboard", 403, otherStore),
  get(
    "other-cookie",
    "A store user of ACME",
    cookie("store", "store_token"),
    "/store/OTHER/dashboard",
    403,
    otherStore,
  ),
  get(
    "api-cookie",
    "The right cookie at an API, without a header",
    cookie("admin", "admin_token"),
    "/api/v1/admin/users",
    401,
    noAdmin,
  ),
  get(
    "allowed-cookie",
    "A customer, at their orders",
    cookie("customer", "customer_token"),
    "/storefront/account/orders",
    200,
  ),
  get("allowed-header", "A customer, at their orders", header("customer"), "/storefront/account/orders", 200),
]

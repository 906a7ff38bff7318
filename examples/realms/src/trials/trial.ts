/** Whose token is tried: of a user in the realm that they belong to. */
export type Bearer = "admin" | "store" | "customer"

/** How a request says who sends it. */
export type Carrier =
  | { readonly kind: "login"; readonly username: string }
  | { readonly kind: "header"; readonly token: Bearer }
  | { readonly kind: "cookie"; readonly token: Bearer; readonly name: string }

/** One row: a request, and what must come of it. */
export interface Trial {
  readonly id: string
  /** In words. */
  readonly who: string
  readonly by: Carrier
  readonly method: "GET" | "POST"
  readonly path: string
  readonly status: number
  /** Undefined for what is allowed. */
  readonly message?: string
}

/** What came of it. */
export interface TrialResult {
  readonly status: number
  /** The problem's sentence, or "" where there was none. */
  readonly message: string
}

/** Where each of them signs in, and as whom. */
export const bearers: Readonly<
  Record<Bearer, { readonly realm: string; readonly login: Readonly<Record<string, string>> }>
> = {
  admin: { realm: "admin", login: { username: "admin" } },
  store: { realm: "store", login: { username: "store" } },
  customer: { realm: "storefront", login: { email: "customer@example.com" } },
}

/** Whether it came as it must. */
export function isAsExpected({ status, message }: Trial, result: TrialResult): boolean {
  return result.status === status && (message === undefined || result.message === message)
}

import type { Request } from "express"

/** A parameter of the route's path, as `ACME` for `:storeCode`; "" where there is none. */
export function pathParam({ params }: Pick<Request, "params">, name: string): string {
  const value = params[name]
  return typeof value === "string" ? value : ""
}

/** SQLSTATE of a violated unique constraint. */
export const uniqueViolation = "23505"

/** Serialization failure and deadlock: two statements met, and one of them was undone. */
const conflicts: ReadonlySet<string> = new Set(["40001", "40P01"])

/** Whether PostgreSQL undid a statement only because of another that ran beside it. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(sqlStateOf(error) ?? "")
}

/** How PostgreSQL names what went wrong, also where a query builder wrapped the driver's error. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined
  if ("code" in error && typeof error.code === "string") return error.code
  return "cause" in error ? sqlStateOf(error.cause) : undefined
}

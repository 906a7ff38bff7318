import { StoreError } from "@mortise/core"

/** A "no" as the library says it (RFC 9457). */
export function problem(status: number, reason: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ status, reason }), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  })
}

/** A database that failed is 503, and worth asking again. Anything else is not ours to answer. */
export function unavailable(fault: unknown): Response {
  if (!(fault instanceof StoreError)) throw fault
  console.error(fault.message, fault.cause)
  return problem(503, "unavailable", { "retry-after": "1" })
}

/** What is sent back, whatever the framework: each binding writes it in the way of its own. */
export interface Answer {
  readonly status: number
  /** Lower-case names; `set-cookie` alone may stand there more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | null
}

/** No answer of the library's may come out of a cache: not even a refusal is the same for everybody. */
export const noStore = ["cache-control", "no-store"] as const

/** Sends a browser on to another page, with GET (RFC 9110 §15.4.4). */
export function seeOther(location: string, headers: Answer["headers"] = [noStore]): Answer {
  return { status: 303, headers: [...headers, ["location", location]], body: null }
}

/** The answer for hosts that speak `fetch`. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers: headers as [string, string][] })
}

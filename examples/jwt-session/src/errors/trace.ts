import { AsyncLocalStorage } from "node:async_hooks"
import type { AuthEvent } from "@mortise/core"
import { headers } from "next/headers.js"
import { onlyOne } from "../only-one"

/** A request that is being answered. */
interface Traced {
  readonly id: string
  /** Whether the database is to fail for this request, see `outage.ts`. */
  readonly outage: boolean
}

/** What the library said of requests, newest last: for `/errors`, which shows the cause that a visitor is not told. */
interface Trace {
  readonly current: AsyncLocalStorage<Traced>
  readonly heard: { readonly requestId: string; readonly event: AuthEvent }[]
}

const kept = 200
const idHeader = "x-request-id"
const outageHeader = "x-almanac-outage"

function trace(): Trace {
  return onlyOne("trace", () => ({ current: new AsyncLocalStorage<Traced>(), heard: [] }))
}

/** Answers a request under its id, so that what is heard meanwhile is known to belong to it. */
export function traced<Given extends Request, Rest extends unknown[], Result>(
  answer: (request: Given, ...rest: Rest) => Result,
): (request: Given, ...rest: Rest) => Result {
  return function answerTraced(request, ...rest) {
    const id = request.headers.get(idHeader)?.slice(0, 64) ?? ""
    return trace().current.run({ id, outage: request.headers.has(outageHeader) }, () =>
      answer(request, ...rest),
    )
  }
}

/** Headers of a request that is to be traced. */
export function tracingHeaders(id: string, outage: boolean): Record<string, string> {
  return { [idHeader]: id, ...(outage && { [outageHeader]: "1" }) }
}

/** Whether the request that is being answered is to find no database. What renders a page is not called by us, but Next knows its request. */
export async function isOutage(): Promise<boolean> {
  const traced = trace().current.getStore()
  if (traced) return traced.outage
  try {
    return (await headers()).has(outageHeader)
  } catch {
    return false
  }
}

/** Keeps an event with the request during which it happened. */
export function note(event: AuthEvent): void {
  const { current, heard } = trace()
  const requestId = current.getStore()?.id
  if (!requestId) return
  heard.push({ requestId, event })
  heard.splice(0, heard.length - kept)
}

/** What was heard during a request. */
export function heardDuring(requestId: string): readonly AuthEvent[] {
  return trace().heard.flatMap((one) => (one.requestId === requestId ? [one.event] : []))
}

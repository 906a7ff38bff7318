import type { NextStep } from "../outcome.js"
import { type Answer, noStore, seeOther } from "./answer.js"
import { withQuery } from "./return-path.js"

/** Each `Set-Cookie` value as a header of its own. */
export function cookieHeaders(values: readonly string[]): Answer["headers"] {
  return values.map((value) => ["set-cookie", value] as const)
}

/** Leads a browser to the page that asks for what is still missing. */
export function toNextStep({ page, setCookie }: NextStep, return_to: string | undefined): Answer {
  return seeOther(withQuery(page, { return_to }), [noStore, ...cookieHeaders(setCookie)])
}

import type { BuiltFlow } from "./route.js"

/** What a host adds to a flow. */
type Part = Pick<BuiltFlow<object>, "steps" | "routes"> &
  Partial<Pick<BuiltFlow<object>, "cookies" | "reasons">>

/** The flow with a part that a host has added. */
export function withPart(
  flow: BuiltFlow<object>,
  { cookies = [], reasons, routes, steps }: Part,
): BuiltFlow<object> {
  return {
    ...flow,
    steps: { ...flow.steps, ...steps },
    routes: [...flow.routes, ...routes],
    reasons: { ...flow.reasons, ...reasons },
    cookies: [...(flow.cookies ?? []), ...cookies],
  }
}

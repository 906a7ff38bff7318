import { type Clock, systemClock } from "../clock.js"
import { type Duration, seconds } from "../duration.js"
import { namedRule } from "./named-rule.js"
import type { Rule, RuleRefusal } from "./rule.js"

/** How far another server's clock may be ahead of this one's, in milliseconds. */
const skew = 30_000

const refusal: RuleRefusal = Object.freeze({ reason: "reauthentication_required", status: 401 })

/**
 * Passes who proved who they are within this time, to the millisecond: for what a laptop left open must not do. Moved on by a sign-in or step-up
 * only, never by use or renewal; as `max_age` of OpenID Connect Core §3.1.2.1. Refuses with `reauthentication_required` (401). A sign-in up to 30 s
 * in the future passes, since servers' clocks differ; one further ahead is no proof of anything.
 * @param options.clock default the machine's
 * @throws ConfigError `ERR_CONFIG_DURATION`
 */
export function fresh(maxAge: Duration, options: { readonly clock?: Clock } = {}): Rule<object> {
  const limit = seconds(maxAge, "fresh()") * 1000
  const { clock = systemClock } = options
  return namedRule(`fresh(${JSON.stringify(maxAge)})`, ({ session }) => {
    const age = clock() - session.authenticatedAt
    // Written so that no number at all refuses.
    return age <= limit && age >= -skew ? true : refusal
  })
}

import { type GuardedRequest, judge, type Rule } from "../../src/guard.js"
import { type Principal, StoreError } from "../../src/index.js"

export const now: number = Date.UTC(2026, 10, 21)

/** A principal with these claims; `session` is what the rule under test looks at. */
export function principalOf<C extends object>(
  claims: C,
  session: Partial<Principal["session"]> = {},
  userId = "u1",
): Principal<C> {
  return {
    userId,
    realm: "store",
    claims,
    session: {
      id: "s1",
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: now + 1000,
      absoluteExpiresAt: now + 1000,
      methods: ["pwd"],
      address: "192.0.2.1",
      userAgent: "",
      ...session,
    },
  }
}

/** A request to a route with these parameters. */
export function requestTo(params?: Readonly<Record<string, string>>): GuardedRequest {
  const request: GuardedRequest = { method: "GET", target: "/store/ACME/dashboard", header: () => undefined }
  return params ? { ...request, param: (name) => params[name] } : request
}

export const nobody: Principal<object> = principalOf({})

/** What comes of a rule in the end, in one word: that is all that a visitor can tell apart. */
export type Outcome = "passes" | "refuses" | "fault"

/** Judges as every guard does. */
export async function outcomeOf<C extends object>(
  rule: Rule<C>,
  principal: Principal<C>,
  request: GuardedRequest = requestTo(),
): Promise<Outcome> {
  try {
    return (await judge(principal, rule, request)) === undefined ? "passes" : "refuses"
  } catch (fault) {
    if (fault instanceof StoreError) return "fault"
    throw fault
  }
}

/** A rule in plain JavaScript may answer anything. */
export function answering(answer: () => unknown): Rule<object> {
  return answer as Rule<object>
}

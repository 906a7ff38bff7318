import type { AnyAuth } from "../../auth.js"
import type { Rule } from "../../guards/rule.js"
import { guard } from "../../http/guard.js"
import type { Incoming } from "../../http/incoming.js"
import type { MatrixCharacter } from "./character.js"
import { areaAround } from "./matrix-site.js"

/** A status with which somebody is refused, or that they get to the handler, whatever that answers. */
export type Expected = number | "passes"

/** One question of the matrix: this character at this address. */
export interface Question {
  readonly character: MatrixCharacter
  /** The realm that the address belongs to; undefined outside of all, where no credential counts. */
  readonly auth: AnyAuth | undefined
  /** The realms whose tokens are told from no token at all. */
  readonly known: readonly AnyAuth[]
  /** The route's own, from the outside in; null for whoever is signed in. */
  readonly rules: readonly (Rule<object> | null)[]
  readonly incoming: Incoming
}

/**
 * What must be answered, computed from what was declared and without any framework: no credential that counts there is 401, another realm's
 * token in the header 403, and then the realm's rule and those of the route decide about the character, as `guard()` does in plain code.
 */
export async function expectedAnswer({
  auth,
  character,
  incoming,
  known,
  rules,
}: Question): Promise<Expected> {
  const { by = "header", ended = false, session } = character
  if (!auth || !session || ended || !takes(auth, incoming, by)) return 401
  const { principal } = session
  if (principal.realm !== auth.realm) {
    const own = known.find(({ realm }) => realm === principal.realm)
    // Whom their own realm would refuse are nobody anywhere.
    return by === "header" && own && !(await guard(own, principal, undefined, incoming)) ? 403 : 401
  }
  for (const rule of rules.length === 0 ? [null] : rules) {
    const refused = await guard(auth, principal, rule ?? undefined, incoming)
    if (refused) return refused.status
  }
  return "passes"
}

/** Whether this kind of credential counts at the address; an `Auth` without areas says nothing of it. */
function takes(auth: AnyAuth, { target }: Incoming, by: "header" | "cookie"): boolean {
  const credential = by === "header" ? "bearer" : "cookie"
  return areaAround(auth, target)?.credentials.includes(credential) ?? true
}

/** Whether an answer over HTTP is the one that was expected. A fault is never what a handler answers to those whom it is for. */
export function isAsExpected(expected: Expected, status: number): boolean {
  return expected === "passes" ? status !== 401 && status !== 403 && status < 500 : status === expected
}

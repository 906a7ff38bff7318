import { sha256 } from "#primitives"
import { exclusively } from "../../stores/exclusive.js"
import type { OAuthParts } from "./oauth.js"

/**
 * Runs a step that adds or removes ways into an account, one at a time per user: a claim must not meet a link half-way, and of two removals the
 * second must see what the first has left. Whatever the step relies on, it reads inside.
 */
export function changeWaysIn<Result>(
  { challenges, clock }: OAuthParts,
  userId: string,
  step: () => Promise<Result>,
): Promise<Result> {
  return exclusively(challenges, clock, `ways-in:${sha256(userId)}`, step)
}

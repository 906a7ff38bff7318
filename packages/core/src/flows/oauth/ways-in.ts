import { sha256 } from "#primitives"
import { exclusively } from "../../stores/exclusive.js"
import type { Credential, CredentialKind } from "../../stores/ports.js"
import type { OAuthParts } from "./oauth.js"

/** What a sign-in can begin with. A second factor alone opens nothing. */
const kinds: ReadonlySet<CredentialKind> = new Set(["password", "identity", "passkey"])

/** Whether somebody could still sign in without this one. */
export function hasAnother(all: readonly Credential[], without: Credential): boolean {
  return all.some((one) => one !== without && kinds.has(one.kind))
}

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

import { randomText, sha256 } from "#primitives"
import type { Clock } from "../../clock.js"
import type { AtomicStore } from "../../stores/ports.js"
import type { Attempt } from "./provider.js"

/** What an attempt is for, kept while the browser is away at the provider. Nothing in it is secret. */
export interface Transaction {
  readonly purpose: "sign_in" | "link"
  /** Where to go afterwards, as the visitor asked; checked again before it is followed. */
  readonly returnTo?: string | undefined
  /** The session that the browser had when it left: the one that links, or that a sign-in replaces. */
  readonly session?: { readonly userId: string; readonly id: string } | undefined
}

/** An attempt has this long to come back. */
export const attemptLifetimeMs = 600_000

/** A fresh state or browser binding: 43 characters, 258 random bits. */
export function newSecret(): string {
  return randomText(43)
}

/** Whether a text can be one; anything else never reaches a store. */
export function isSecret(text: string | null | undefined): text is string {
  return typeof text === "string" && /^[\w-]{43}$/.test(text)
}

/** A transaction that came back, with what came along. */
export interface Taken extends Transaction {
  readonly state: string
  readonly binding: string
}

/**
 * The one-time values of an attempt, all of them made of what this browser holds (`binding`, a cookie) and what travels through the provider
 * (`state`). So the store keeps neither verifier nor nonce, and a dump of it finishes nobody's sign-in.
 */
export function attemptOf({ binding, purpose, session, state }: Taken, redirectUri: string): Attempt {
  return {
    redirectUri,
    // Somebody who is signed in proves once more who they are; then the provider must not just wave them through.
    again: purpose === "sign_in" && session !== undefined,
    state,
    nonce: sha256(`mortise nonce ${binding} ${state}`),
    verifier: sha256(`mortise verifier ${binding} ${state}`),
  }
}

/** Transactions under way: each bound to its browser, its provider and its state, ten minutes old at most, and taken once. */
export interface Transactions {
  keep(provider: string, transaction: Taken): Promise<void>
  /**
   * Of any number of parallel callers one gets it. Undefined for all others, and whenever state, browser and provider do not belong
   * together: the three are one key, so what does not fit does not exist, and nobody uses up another's attempt.
   */
  take(provider: string, state: string | null, binding: string | undefined): Promise<Taken | undefined>
}

export function transactions(store: AtomicStore, clock: Clock, realm: string): Transactions {
  const keyOf = (provider: string, state: string, binding: string): string =>
    `oauth:${realm}:${sha256(`${provider} ${state} ${binding}`)}`
  return {
    keep: (provider, { binding, state, ...transaction }) =>
      store.set(keyOf(provider, state, binding), JSON.stringify(transaction), clock() + attemptLifetimeMs),
    async take(provider, state, binding) {
      if (!isSecret(state) || !isSecret(binding)) return undefined
      const kept = await store.take(keyOf(provider, state, binding))
      return kept === undefined ? undefined : { ...(JSON.parse(kept) as Transaction), state, binding }
    },
  }
}

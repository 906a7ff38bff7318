import type { FlowKit } from "./flow.js"

/**
 * Stands for whoever nobody knows at this address. No store assigns such an id, so the look-ups find nothing; each address has its own, because
 * what a store has answered a moment ago it answers faster.
 */
export function nobodyAt({ secrets }: Pick<FlowKit<never>, "secrets">, email: string): string {
  return `-${secrets.digests("limit", email)[0]}`
}

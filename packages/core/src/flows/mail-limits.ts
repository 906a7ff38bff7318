import type { Context } from "../context.js"
import { addressBucket } from "../limits/client-address.js"
import { countAgainst, type Rate } from "../limits/rate-limit.js"
import { type Refusal, refuse } from "../outcome.js"
import type { Stores } from "../stores/ports.js"
import type { FlowKit } from "./flow.js"

type LimitParts = Pick<FlowKit<never>, "clock" | "emit" | "realm"> & Pick<Stores, "rateLimits">

/** One thing that is counted: of which flow, what, and by which key. */
export interface Counted {
  readonly flow: string
  /** The name of the limit, as its event has it behind the flow's. */
  readonly limit: string
  readonly key: string
  readonly rate: Rate
}

/** Counts this call, and refuses it if it is one too many (`rate_limited`). */
export function overLimit(
  parts: LimitParts,
  { flow, key, limit, rate }: Counted,
  context: Context,
): Promise<Refusal | undefined> {
  const counted = { limit: `${flow}.${limit}`, key: `${flow}:${parts.realm}:${limit}:${key}`, rate }
  return overRate(parts, counted, context)
}

/** The same under a key that is whole: realms that share their users may share the count. `limit` is the event's. */
export async function overRate(
  { clock, emit, rateLimits }: Omit<LimitParts, "realm">,
  { key, limit, rate }: Omit<Counted, "flow">,
  context: Context,
): Promise<Refusal | undefined> {
  const permission = await countAgainst(rateLimits, clock, key, rate)
  if (permission.allowed) return undefined
  const { retryAfter } = permission
  await emit(context, { type: "limit.hit", limit, retryAfter })
  return refuse("rate_limited", { retryAfter })
}

/** Whether a link that was refused is told: anybody can send anything, so of each network only so many are. */
export async function isWorthAnEvent(
  { clock, rateLimits, realm }: LimitParts,
  flow: string,
  rate: Rate,
  { address }: Context,
): Promise<boolean> {
  const key = `${flow}:${realm}:wrong:${addressBucket(address)}`
  return (await countAgainst(rateLimits, clock, key, rate)).allowed
}

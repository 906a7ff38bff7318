import type { SessionMessages } from "../ports.js"
import { breaker } from "./breaker.js"
import { persistently } from "./persistently.js"

/** Tells all nodes that these have changed. Never rejects: what ended has ended, whoever hears of it. */
export type Tell = (ids: readonly string[]) => Promise<void>

const patienceMs = 250

/** @param forMs as long as a message that could not be sent is tried again in the background */
export function teller(messages: SessionMessages | undefined, forMs: number): Tell {
  const line = breaker(patienceMs)
  return async function tell(ids) {
    if (!messages || ids.length === 0) return
    const publish = (): Promise<void> => messages.publish(ids)
    if (!(await line.attempt(publish))) persistently(publish, forMs)
  }
}

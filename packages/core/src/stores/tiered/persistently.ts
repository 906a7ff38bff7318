import { later } from "./later.js"

const firstPauseMs = 100
const longestPauseMs = 1_000

/**
 * Repeats a step that has failed until it succeeds, in the background and for so long: then it is not worth it any more. Never rejects.
 */
export function persistently(
  step: () => Promise<unknown>,
  forMs: number,
  pauseMs: number = firstPauseMs,
): void {
  if (pauseMs > forMs) return
  later(pauseMs, () => {
    step().catch(() => persistently(step, forMs - pauseMs, Math.min(2 * pauseMs, longestPauseMs)))
  })
}

import { describe, test } from "vitest"
import type { Check, OpenBench } from "../../src/testing.js"

/** Hands a list of checks to vitest. */
export function runChecks<B>(subject: string, checks: readonly Check<B>[], open: OpenBench<B>): void {
  describe(subject, () => {
    for (const check of checks) test(check.name, () => check.run(open))
  })
}

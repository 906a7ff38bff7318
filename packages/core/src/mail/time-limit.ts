import type { Seconds } from "../clock.js"
import { MailError } from "../errors.js"

/**
 * What the work comes to, if it does in time. The work itself cannot be stopped: a mail may still leave.
 * @throws MailError `unavailable`, `timed_out`
 */
export async function withTimeLimit<Result>(limit: Seconds, work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MailError("unavailable", "timed_out")), limit * 1000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

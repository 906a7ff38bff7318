import { type Duration, seconds } from "../duration.js"
import { misconfigured } from "../errors.js"
import type { Rate } from "./rate-limit.js"

/** So many per window. */
export interface RateOption {
  readonly limit: number
  readonly window: Duration
}

/** @throws ConfigError `ERR_CONFIG_LIMIT`, `ERR_CONFIG_DURATION` */
export function rateOf(name: string, { limit, window }: RateOption): Rate {
  if (Number.isSafeInteger(limit) && limit >= 0) return { limit, window: seconds(window, `${name}.window`) }
  throw misconfigured("ERR_CONFIG_LIMIT", `${name}.limit`, limit, "0 or more")
}

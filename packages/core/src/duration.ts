import type { Seconds } from "./clock.js"
import { misconfigured } from "./errors.js"

type Unit = "s" | "m" | "h" | "d"

/** A length of time as a host writes it: `"30s"`, `"10m"`, `"24h"`, `"30d"`, or a number of seconds. Parsed once, at construction. */
export type Duration = Seconds | `${number}${Unit}`

const secondsPerUnit: Readonly<Record<Unit, number>> = { s: 1, m: 60, h: 3600, d: 86400 }

/**
 * Reads a {@link Duration} as whole seconds.
 * @param name the option's name, for the message
 * @throws ConfigError `ERR_CONFIG_DURATION` unless it is a positive, finite number of seconds
 */
export function seconds(duration: Duration, name: string): Seconds {
  const value = Math.round(typeof duration === "number" ? duration : parse(duration))
  if (Number.isFinite(value) && value > 0) return value
  throw misconfigured("ERR_CONFIG_DURATION", name, duration, 'seconds, or "30s", "30d"')
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text)
  return match ? Number(match[1]) * secondsPerUnit[match[2] as Unit] : Number.NaN
}

const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" })
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" })

/** "3 Nov 2026, 14:02 UTC": the server does not know the reader's time zone, so it names its own. */
export function exactTime(at: number): string {
  return `${exact.format(at)} UTC`
}

/** "5 minutes ago", as coarse as the distance is long. */
export function timeAgo(at: number, now: number): string {
  const minutes = Math.round((now - at) / 60_000)
  if (minutes < 1) return "just now"
  if (minutes < 60) return relative.format(-minutes, "minute")
  if (minutes < 24 * 60) return relative.format(-Math.round(minutes / 60), "hour")
  return relative.format(-Math.round(minutes / (24 * 60)), "day")
}

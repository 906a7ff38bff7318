const money = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" })
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" })

/** Cents, as "€12.50". */
export function priceText(cents: number): string {
  return money.format(cents / 100)
}

/** "3 Nov 2026, 14:02 UTC": the server does not know the reader's time zone, so it names its own. */
export function timeText(at: number): string {
  return `${exact.format(at)} UTC`
}

/** "12.50" as cents; undefined for what is no price between 0.01 and 100,000. */
export function centsOf(typed: string): number | undefined {
  const [, whole, part = ""] = /^(\d{1,6})(?:[.,](\d{1,2}))?$/.exec(typed.trim()) ?? []
  if (whole === undefined) return undefined
  const cents = Number(whole) * 100 + Number(part.padEnd(2, "0"))
  return cents >= 1 && cents <= 10_000_000 ? cents : undefined
}

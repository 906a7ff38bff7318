import type { Page } from "playwright-core"

export function newAddress(): string {
  return `${crypto.randomUUID()}@example.com`
}

/** Path and query. */
export function placeOf(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}

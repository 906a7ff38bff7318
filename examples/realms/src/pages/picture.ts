import { type Html, html } from "../html.js"

/** Outlines in a square of 48, drawn with one pen. */
const outlines: Readonly<Record<string, string>> = {
  vice: "M6 20h14v8H6zM28 16h10v20h8M38 20H26v10h12M20 24h6M12 28v10H4m8 0h26v-2M2 24h4",
  plane: "M4 36h40v-7H34l-4-7h-6l-3 7H4zM12 29c0-7 3-11 8-12M38 29c4 0 5-3 4-7M4 40h40",
  rule: "M5 34 24 15l4 4L9 38zM24 15l15 0v6H28M12 31l2 2m2-6 2 2m2-6 2 2M33 15v3m4-3v2",
  anvil: "M4 14c3 6 8 8 14 8h2v8l-6 6v4h22v-4l-6-6v-8h6c4-1 6-4 8-8zM18 14v8",
  teapot:
    "M14 20h20c4 5 4 15-2 20H16c-6-5-6-15-2-20zM24 16v4m-6 0c0-4 12-4 12 0M12 30c-5 0-5-8-9-10M36 24c9-3 9 11-1 11",
  lantern:
    "M17 18h14l3 18H14zM14 36h20v5H14zM18 18l2-6h8l2 6M16 16C8 4 40 4 32 16M24 33c-4-3-1-6 0-9 1 3 4 6 0 9z",
  blanket:
    "M8 12h26c4 0 6 2 6 6v22H14c-4 0-6-2-6-6zM8 12v22c0-4 2-6 6-6h26M8 18h32M8 23h32M17 40v4m6-4v4m6-4v4m6-4v4",
  apron: "M18 8c0 8 12 8 12 0l5 3v9c0 3 4 4 4 4v18H9V24s4-1 4-4v-9zM17 28h14v8H17zM9 25H3m36 0h6",
}

/** A product's drawing. It says nothing that the name beside it does not say. */
export function picture(name: string): Html {
  return html`<svg class="picture" viewBox="0 0 48 48" aria-hidden="true"><path d="${outlines[name] ?? ""}"/></svg>`
}

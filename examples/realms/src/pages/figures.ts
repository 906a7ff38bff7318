import { type Html, html } from "../html.js"

/** A few numbers that a dashboard begins with. */
export function figures(...entries: readonly (readonly [label: string, value: string | number])[]): Html {
  return html`<dl class="figures">
${entries.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
</dl>`
}

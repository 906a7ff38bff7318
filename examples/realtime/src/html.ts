const markup = Symbol("markup")

/** Markup that is safe to send. Only {@link html} and {@link trusted} make it. */
export interface Html {
  readonly [markup]: string
}

/** What may stand in a template: text is escaped, `undefined` and `false` leave nothing behind. */
export type Child = Html | string | number | false | undefined | readonly Child[]

/**
 * A template whose values cannot break out of where they stand, in text and in quoted attributes:
 * html`<p title="${title}">${text}</p>`.
 */
export function html(literals: TemplateStringsArray, ...children: Child[]): Html {
  const parts = literals.map((literal, index) => literal + textOf(children[index]))
  return { [markup]: parts.join("") }
}

/** Markup that something else has made safe, such as the Markdown renderer. */
export function trusted(text: string): Html {
  return { [markup]: text }
}

/** The finished text of a document. */
export function render(document: Html): string {
  return document[markup]
}

function textOf(child: Child): string {
  if (child === undefined || child === false) return ""
  if (typeof child === "string") return escapeHtml(child)
  if (typeof child === "number") return String(child)
  return isHtml(child) ? child[markup] : child.map(textOf).join("")
}

function isHtml(child: Html | readonly Child[]): child is Html {
  return markup in child
}

/** Safe in text and between quotes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

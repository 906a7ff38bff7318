const markup = Symbol("markup")

/** Markup that is safe to send. Only {@link html} makes it. */
export interface Html {
  readonly [markup]: string
}

/** What may stand in a template: text is escaped, `undefined` and `false` leave nothing behind. */
export type Child = Html | string | false | undefined | readonly Html[]

/**
 * A template whose values cannot break out of where they stand, in text and in quoted attributes:
 * html`<p title="${title}">${text}</p>`.
 */
export function html(literals: TemplateStringsArray, ...children: Child[]): Html {
  return { [markup]: literals.map((literal, index) => literal + textOf(children[index])).join("") }
}

/** The finished text of a document. */
export function render(document: Html): string {
  return document[markup]
}

function textOf(child: Child): string {
  if (child === undefined || child === false) return ""
  if (typeof child === "string") return escapeHtml(child)
  return "length" in child ? child.map(textOf).join("") : child[markup]
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

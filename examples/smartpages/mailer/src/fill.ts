/** What stands in for the placeholders of a template. */
export type Values = Readonly<Record<string, string>>

/**
 * Puts values in for `{{name}}` in plain text.
 * @throws Error for a placeholder without a value: better no mail than a broken one
 */
export function fillText(template: string, values: Values): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => valueFor(values, name))
}

/** The same in HTML, in text and between double quotes: no value can break out of where it stands. */
export function fillHtml(template: string, values: Values): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => escapeHtml(valueFor(values, name)))
}

function valueFor(values: Values, name: string): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value === undefined) throw new Error(`A template asks for {{${name}}}, which there is not.`)
  return value
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

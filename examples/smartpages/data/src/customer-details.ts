/** What a customer writes. The same rules hold in the form and in the data Worker, which alone decides. */
export interface CustomerDetails {
  readonly title: string
  readonly company: string
  readonly phone: string
  readonly about: string
}

/** A field of {@link CustomerDetails}. */
export type Field = keyof CustomerDetails

/** The longest text of each field, in UTF-16 units as `maxlength` counts. */
export const longest: Readonly<Record<Field, number>> = { title: 80, company: 120, phone: 40, about: 2000 }

/** All fields, in the order of the form. */
export const fields = Object.keys(longest) as readonly Field[]

/** The details in a body, outer spaces removed and nothing else kept, or which fields are wrong. */
export function checkDetails(body: object): CustomerDetails | readonly Field[] {
  const given = Object.fromEntries(fields.map((field) => [field, textOf(body, field)]))
  const wrong = fields.filter((field) => !fits(field, given[field]))
  return wrong.length > 0 ? wrong : (given as Record<Field, string>)
}

function textOf(body: object, field: Field): string | undefined {
  const value: unknown = Object.hasOwn(body, field) ? Reflect.get(body, field) : undefined
  return typeof value === "string" ? value.trim() : undefined
}

function fits(field: Field, text: string | undefined): boolean {
  if (text === undefined || text.length > longest[field] || text.includes("\0")) return false
  if (field === "title") return text !== ""
  return field !== "phone" || /^[\d +/()-]*$/.test(text)
}

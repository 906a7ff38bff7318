/** Control characters, and what Unicode has for ends of lines and paragraphs. */
const lineBreaking = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/** Whether a value is a text for a header: on one line, and not empty. */
export function isOneLine(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && oneLine(value) === value
}

/** The text on one line: each run of control characters is one space. No header can begin in it (RFC 5322 §2.2). */
export function oneLine(text: string): string {
  return text.replace(lineBreaking, " ")
}

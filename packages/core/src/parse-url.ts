/** The URL that a text is, or undefined for one that is none. Not by `URL.canParse`: asked often, Node 20 comes to say no to any "ü" in a host. */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}

/**
 * A copy with memory of its own: V8 would keep a whole cookie header alive for the 22 characters that were
 * cut from it.
 */
export function compact(text: string): string {
  return JSON.parse(JSON.stringify(text))
}

/** What a person reads of a letter's HTML, one paragraph per line. */
export function readOf(html: string): readonly string[] {
  const body = html.split("<body")[1] ?? ""
  return [...body.matchAll(/<(p|h1)\b[^>]*>(.*?)<\/\1>/gs)].map(([, , inner = ""]) =>
    inner
      .replace(/<[^>]*>/g, "")
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
  )
}

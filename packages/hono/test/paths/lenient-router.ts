/**
 * Every path that the most forgiving server could make of a target, in whatever order it decodes, cuts, folds and resolves. What it takes for a
 * part of an area must not get past the area's guard.
 */
export function lenientReadings(target: string): ReadonlySet<string> {
  const found = new Set([target])
  // Each step on everything that was found before, four times over: all orders, and what was encoded several times.
  for (let round = 0; round < 4; round++) {
    for (const reading of [...found]) for (const step of steps) found.add(step(reading))
  }
  return found
}

const steps: readonly ((text: string) => string)[] = [
  (text) => text.replace(/^[a-z][a-z\d+.-]*:[\\/]*[^\\/?#]*/i, ""),
  (text) => text.replace(/[?#].*$/s, ""),
  (text) => text.replace(/%([\da-f]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
  (text) => text.replaceAll("\\", "/"),
  (text) => text.replace(/;[^/]*/g, ""),
  (text) => `/${text}`.replace(/\/+/g, "/"),
  (text) => text.replace(/[\0-\x20\x7f]/g, ""),
  (text) => text.replace(/\.+(?=\/|$)/g, ""),
  (text) => text.toLowerCase(),
  resolveDots,
]

function resolveDots(text: string): string {
  if (!text.startsWith("/")) return text
  const kept: string[] = []
  for (const segment of text.split("/").slice(1)) {
    if (segment === "..") kept.pop()
    else if (segment !== ".") kept.push(segment)
  }
  return `/${kept.join("/")}`
}

/**
 * Made once per process. Next bundles routes, pages and the proxy apart, so a module lives in it several times; what holds a database, or
 * remembers, must not.
 */
export function onlyOne<T>(name: string, make: () => T): T {
  const key = Symbol.for(`almanac ${name}`)
  const held: { [key: symbol]: T | undefined } = globalThis as never
  held[key] ??= make()
  return held[key]
}

/** A body's shape: what a step takes, or undefined if the body is not that. */
export type Shape<Body> = (body: unknown) => Body | undefined

/** A body that is an object with these text fields. Whatever else is in it (`role`, `id` …) is dropped, never read. */
export function textFields<Name extends string>(...names: readonly Name[]): Shape<Record<Name, string>> {
  return function shape(body) {
    if (typeof body !== "object" || body === null) return undefined
    const given = names.map((name) => [name, Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined])
    if (!given.every(([, value]) => typeof value === "string")) return undefined
    return Object.fromEntries(given) as Record<Name, string>
  }
}

/** Stores, and everything that was ever said to them or by them: more than any dump shows, since what was deleted is in it too. */
export interface Overheard<S> {
  readonly stores: S
  readonly heard: () => string
}

export function overheardStores<S extends object>(stores: S): Overheard<S> {
  const lines: string[] = []

  function method(slot: string, store: object, name: string): unknown {
    const value: unknown = Reflect.get(store, name)
    if (typeof value !== "function") return value
    return async function call(...input: unknown[]): Promise<unknown> {
      const answer: unknown = await Reflect.apply(value, store, input)
      lines.push(`${slot}.${name} ${JSON.stringify(input)} ${JSON.stringify(answer)}`)
      return answer
    }
  }

  const wrapped = Object.entries(stores).map(([slot, store]: [string, object]) => [
    slot,
    Object.fromEntries(Object.keys(store).map((name) => [name, method(slot, store, name)])),
  ])
  return { stores: Object.fromEntries(wrapped) as S, heard: () => lines.join("\n") }
}

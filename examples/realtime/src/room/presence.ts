/** Somebody with a socket open. */
export interface Person {
  readonly userId: string
  readonly name: string
}

/** Who is in the room, on any server. */
export interface Presence {
  /** What a server says of itself: everybody who is connected to it. */
  hear(node: string, people: readonly Person[]): void
  /** Everybody once, by name. */
  people(): readonly Person[]
}

/** A server that has said nothing for so long is gone. */
const forgottenAfter = 15_000

export function newPresence(now: () => number = Date.now): Presence {
  const nodes = new Map<string, { readonly people: readonly Person[]; readonly at: number }>()
  return {
    hear(node, people) {
      nodes.set(node, { people, at: now() })
    },
    people() {
      const everybody = new Map<string, Person>()
      for (const [node, { at, people }] of nodes) {
        if (now() - at > forgottenAfter) nodes.delete(node)
        else for (const person of people) everybody.set(person.userId, person)
      }
      return [...everybody.values()].sort((one, other) => one.name.localeCompare(other.name, "en"))
    },
  }
}

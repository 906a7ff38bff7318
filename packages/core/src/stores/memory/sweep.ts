/**
 * Entries looked at per call. Each write adds one at most, so looking at two catches up with any rate of
 * writing.
 */
const stepsPerWrite = 2

/**
 * Removes expired entries bit by bit: each call of the answered function looks at the next two and starts
 * over at the end. Called at every write, it keeps the map within a small multiple of its live entries,
 * without a timer that holds a process open and without a pause that grows with the map.
 */
export function sweeper<Entry>(
  entries: ReadonlyMap<string, Entry>,
  hasExpired: (entry: Entry) => boolean,
  remove: (key: string, entry: Entry) => void,
): () => void {
  // A map's iterator is live: it survives removals and comes to what was added meanwhile.
  let position = entries.entries()
  return function sweepSome(): void {
    for (let step = 0; step < stepsPerWrite; step += 1) {
      const next = position.next()
      if (next.done) {
        position = entries.entries()
        return
      }
      const [key, entry] = next.value
      if (hasExpired(entry)) remove(key, entry)
    }
  }
}

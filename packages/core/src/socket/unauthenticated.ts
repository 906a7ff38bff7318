/** WebSockets on which nobody is authenticated yet, by address. */
export interface Unauthenticated {
  /** Whether one more may come. */
  admits(address: string): boolean
  /** One more came. What it answers gives the place back, once however often it is called; undefined where there is none. */
  take(address: string): (() => void) | undefined
}

/** In this process: what is bounded are its own connections. */
export function unauthenticated(most: number): Unauthenticated {
  const counts = new Map<string, number>()

  function admits(address: string): boolean {
    return (counts.get(address) ?? 0) < most
  }

  function release(address: string): void {
    const left = (counts.get(address) ?? 0) - 1
    if (left > 0) counts.set(address, left)
    else counts.delete(address)
  }

  return {
    admits,
    take(address) {
      if (!admits(address)) return undefined
      counts.set(address, (counts.get(address) ?? 0) + 1)
      let taken = true
      return () => {
        if (taken) release(address)
        taken = false
      }
    },
  }
}

/**
 * The addresses behind a host name, where the runtime tells: Node does. Elsewhere none, and the platform (Workers) has no private network to
 * lead into.
 */
export function resolve(_hostname: string): Promise<readonly string[]> {
  return Promise.resolve([])
}

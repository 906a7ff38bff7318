/** One page of names; `cursor` leads to the next while `list_complete` is false. */
export interface KeyValuePage {
  readonly keys: readonly { readonly name: string }[]
  readonly list_complete: boolean
  readonly cursor?: string
}

/** All that sessions need of a KV namespace. A Worker's `KVNamespace` binding fits as it is. */
export interface KeyValueNamespace {
  /** Up to 100 keys in one read; null for one that has no value. */
  get(keys: string[], options: { cacheTtl: number }): Promise<Map<string, string | null>>
  /** Seconds, at least 60. */
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>
  /** Nothing happens when the key has no value. */
  delete(key: string): Promise<void>
  /** Names that begin so, in order, page by page. */
  list(options: { prefix: string; cursor?: string }): Promise<KeyValuePage>
}

/** How many keys one read may name. */
export const keysPerRead = 100

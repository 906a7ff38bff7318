import type { KeyValueNamespace } from "../../src/index.js"

/** One call of a namespace. */
export interface NamespaceCall {
  readonly method: "get" | "put" | "delete" | "list"
  /** The kind of each key that it names: what stands before the first colon after the prefix. */
  readonly kinds: string
  readonly options: object
}

/** A namespace that remembers what it was asked, and refuses what `refuses` chooses. */
export interface RecordedNamespace {
  readonly namespace: KeyValueNamespace
  /** The calls since the last time that this was asked. */
  readonly take: () => readonly NamespaceCall[]
}

export function recordedNamespace(
  real: KeyValueNamespace,
  refuses: (call: NamespaceCall) => Error | undefined = () => undefined,
): RecordedNamespace {
  let calls: NamespaceCall[] = []

  function record(method: NamespaceCall["method"], keys: readonly string[], options: object): void {
    const kinds = keys.map((key) => key.split(":")[1]).join(" ")
    const call = { method, kinds, options }
    calls.push(call)
    const error = refuses(call)
    if (error) throw error
  }

  const namespace: KeyValueNamespace = {
    async get(keys, options) {
      record("get", keys, options)
      return real.get(keys, options)
    },
    async put(key, value, options) {
      record("put", [key], options)
      return real.put(key, value, options)
    },
    async delete(key) {
      record("delete", [key], {})
      return real.delete(key)
    },
    async list(options) {
      record("list", [options.prefix], {})
      return real.list(options)
    },
  }
  function take(): readonly NamespaceCall[] {
    const taken = calls
    calls = []
    return taken
  }
  return { namespace, take }
}

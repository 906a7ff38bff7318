import type { PasswordHasher } from "../hashing/hasher.js"

/** A {@link PasswordHasher} for tests, which counts what it computes. */
export interface TestHasher extends PasswordHasher {
  /** Hashes and verifications so far. */
  readonly computed: () => number
}

/**
 * No security at all: the "hash" holds the password in plain and costs nothing, so that a test of everything around hashing runs fast and
 * can count. Its strings begin with `$test$`, which no real verifier reads.
 */
export function testHasher(options: { readonly version?: number } = {}): TestHasher {
  const version = options.version ?? 1
  const prefix = `$test$v=${version}$`
  let computed = 0

  function form(password: string): string {
    return prefix + encodeURIComponent(password)
  }

  async function verify(stored: string, password: string): Promise<boolean> {
    computed++
    return stored.replace(/^\$test\$v=\d+\$/, prefix) === form(password)
  }

  return {
    algorithm: "test",
    computed: () => computed,
    read(stored) {
      if (!stored.startsWith("$test$v=")) return undefined
      return { outdated: !stored.startsWith(prefix), verify: (password) => verify(stored, password) }
    },
    async hash(password) {
      computed++
      return form(password)
    },
    decoy: () => `${prefix}(no password)`,
    run: (work) => work(),
  }
}

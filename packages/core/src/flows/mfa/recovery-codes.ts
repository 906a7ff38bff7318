import type { Factor, FactorAnswer, FactorDefinition } from "../factor.js"

/** Recovery codes, beside what every factor does. */
export interface RecoveryCodes extends Factor {
  /** Ten codes for a user who has none; undefined for one who has. */
  first(userId: string): Promise<readonly string[] | undefined>
  /** Ten codes in the place of those before: the old ones are gone before the new ones count. */
  replace(userId: string): Promise<readonly string[]>
  removeAll(userId: string): Promise<void>
}

const count = 10

/** Crockford's base 32: no I, L, O or U, so that whoever reads a code from paper types what stands there. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const length = 16

/**
 * Ten codes of 80 bits, each good once, for whoever has lost the rest (NIST SP 800-63B-4 §3.1.2, "look-up secrets"). Kept as keyed digests; using
 * one deletes it. They stand in for a second factor and are none by themselves: alone they ask nobody for more.
 */
export function recoveryCodes(): FactorDefinition<"credentials"> {
  return {
    needs: ["credentials"],
    build({ clock, secrets, stores }): RecoveryCodes {
      const { credentials } = stores
      const handlesOf = (userId: string, code: string): readonly string[] =>
        secrets.digests("recovery-code", `${userId} ${code}`)

      async function removeAll(userId: string): Promise<void> {
        for (const { handle, kind } of await credentials.listByUser(userId)) {
          if (kind === "recovery_code") await credentials.delete(kind, handle)
        }
      }

      async function create(userId: string): Promise<readonly string[]> {
        const codes = Array.from({ length: count }, newCode)
        const now = clock()
        for (const code of codes) {
          await credentials.insert({
            ...{ kind: "recovery_code", handle: handlesOf(userId, plain(code))[0] ?? "", userId },
            ...{ secret: "digest", revision: 0, createdAt: now, changedAt: now },
          })
        }
        return codes
      }

      return {
        kind: "recovery_code",
        asksForMore: false,
        sameAs: [],
        isHeldBy: (_, held) => held.some(({ kind }) => kind === "recovery_code"),
        removeAll,
        async first(userId) {
          const some = (await credentials.listByUser(userId)).some(({ kind }) => kind === "recovery_code")
          return some ? undefined : create(userId)
        },
        async replace(userId) {
          await removeAll(userId)
          return create(userId)
        },
        async verify({ user }, answer) {
          const code = codeIn(answer)
          for (const handle of code ? handlesOf(user.id, code) : []) {
            const mine = await credentials.find("recovery_code", handle)
            // Deleting is using: of N parallel callers one is told that it was there.
            if (mine?.userId === user.id && (await credentials.delete("recovery_code", handle)) === true) {
              return { methods: ["otp"] }
            }
          }
          return { cause: "code_wrong" }
        },
      }
    },
  }
}

/** Four groups of four: 80 bits. */
function newCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  const letters = [...bytes].map((byte) => alphabet[byte % 32])
  return [0, 4, 8, 12].map((at) => letters.slice(at, at + 4).join("")).join("-")
}

function plain(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0")
}

function codeIn(answer: FactorAnswer): string | undefined {
  const code = typeof answer === "string" && answer.length <= 64 ? plain(answer) : ""
  return code.length === length ? code : undefined
}

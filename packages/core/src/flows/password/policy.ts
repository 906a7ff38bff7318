// Placeholder until the real policy lands (owned by the hashing helper; overwrite freely).
import type { Reason } from "../../outcome.js"

export interface PasswordPolicyOptions {
  readonly minLength?: number
}
export interface PasswordPolicy {
  check(password: string, context: { email: string }): Promise<Reason | undefined>
}
export function normalizePassword(input: string): string | undefined {
  const text = input.normalize("NFC")
  return new TextEncoder().encode(text).length > 1024 ? undefined : text
}
export function passwordPolicy(options: PasswordPolicyOptions): PasswordPolicy {
  return {
    check: async (p) => ([...p].length < (options.minLength ?? 15) ? "password_too_short" : undefined),
  }
}

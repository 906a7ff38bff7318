import { createHash } from "node:crypto"

/** Somebody at the stand-in, as they said of themselves. */
export interface Account {
  /** Follows from the address, so whoever comes again is the same person, also after a restart. */
  readonly subject: string
  readonly email: string
  /** Whether the provider claims to have sent a mail there. */
  readonly emailVerified: boolean
}

/** Accounts of one persona, for as long as the process lives. */
export interface Accounts {
  /** Creates the account of an address, or takes over what is said of it now. */
  remember(email: string, emailVerified: boolean): Account
  find(subject: string): Account | undefined
}

export function accountsOf(issuer: string): Accounts {
  const known = new Map<string, Account>()
  return {
    remember(email, emailVerified) {
      const account = { subject: subjectOf(issuer, email), email, emailVerified }
      known.set(account.subject, account)
      return account
    },
    find: (subject) => known.get(subject),
  }
}

/** A number, as GitHub and Google have it; another one with each issuer. */
function subjectOf(issuer: string, email: string): string {
  const digest = createHash("sha256").update(`${issuer} ${email.toLowerCase()}`).digest("hex")
  return BigInt(`0x${digest.slice(0, 16)}`).toString()
}

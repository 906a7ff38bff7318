import { createHash } from "node:crypto"

/**
 * Somebody at the stand-in, as they said of themselves.
 *
 * @typedef {{ id: number, login: string, email: string, sponsor: boolean }} Account
 */

/** Accounts, for as long as the process lives. */
export function accounts() {
  /** @type {Map<string, Account>} */
  const known = new Map()
  return {
    /**
     * Creates the account of a name, or takes over what is said of it now.
     *
     * @param {string} login
     * @param {boolean} sponsor
     */
    remember(login, sponsor) {
      const account = { id: idOf(login), login, email: `${login.toLowerCase()}@users.example`, sponsor }
      known.set(`${account.id}`, account)
      return account
    },
    /** @param {string} id */
    find: (id) => known.get(id),
  }
}

/**
 * A number, as GitHub has it. It follows from the name, so whoever comes again is the same person, also after a restart.
 *
 * @param {string} login
 */
function idOf(login) {
  return createHash("sha256").update(login.toLowerCase()).digest().readUIntBE(0, 6)
}

import type { AnyAuth } from "@mortise/core"
import type { Role } from "../people/person.js"
import type { OpenStores } from "../stores.js"

/** Why something was not done. */
export type AdministrationProblem = "not_found" | "yourself"

/** What an administrator does to accounts. Each counts from the next request on, for sessions that are open, too. */
export interface Administration {
  /** The role stands in the session's token too: so the sessions end, and the next sign-in has the new one. */
  changeRole(actorId: string, personId: string, role: Role): Promise<AdministrationProblem | undefined>
  /** Whoever is deactivated is signed out everywhere. */
  setActive(actorId: string, personId: string, active: boolean): Promise<AdministrationProblem | undefined>
  /** Access is asked of the table in every request, so nothing has to end. */
  setAccess(personId: string, storeCode: string, granted: boolean): Promise<AdministrationProblem | undefined>
}

/**
 * Over our own tables and the library's sessions, by any realm: they share people and sessions, and what one ends has ended in all of them. Nobody changes their own account: nobody might be left to undo it.
 */
export function administration(
  { users }: Pick<AnyAuth, "users">,
  { people, directory }: Pick<OpenStores, "people" | "directory">,
): Administration {
  return {
    async changeRole(actorId, personId, role) {
      if (actorId === personId) return "yourself"
      if (!(await people.changeRole(personId, role))) return "not_found"
      await users.permissionsChanged(personId)
      return undefined
    },

    async setActive(actorId, personId, active) {
      if (actorId === personId) return "yourself"
      const outcome = await (active ? users.enable(personId) : users.disable(personId))
      return outcome.ok ? undefined : "not_found"
    },

    async setAccess(personId, storeCode, granted) {
      if (granted) return (await directory.grant(personId, storeCode)) ? undefined : "not_found"
      await directory.withdraw(personId, storeCode)
      return undefined
    },
  }
}

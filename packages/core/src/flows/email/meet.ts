import type { User } from "../../stores/ports.js"
import type { AccountLink } from "../signed-link.js"
import { isVerified } from "../verified.js"
import type { EmailAction, EmailParts } from "./email-address.js"
import { isUndoable } from "./undoable.js"

/** Whose account a link is about, and what stands against using it now. */
export interface Met {
  readonly user: User | undefined
  readonly cause?: "link_used" | "revoked_meanwhile" | "disabled" | "email_taken"
}

/** Looks at the account of a link, and changes nothing. Of all causes the visitor hears the one that says most to them. */
export async function meet(parts: EmailParts, link: AccountLink): Promise<Met> {
  const met = await meetAs[link.action as EmailAction](parts, link)
  // What a used link has changed is no reason to call it expired.
  const mayBeUsed = met.cause === undefined || met.cause === "revoked_meanwhile"
  return mayBeUsed && (await parts.links.isUsed(link)) ? { ...met, cause: "link_used" } : met
}

const meetAs: Readonly<Record<EmailAction, (parts: EmailParts, link: AccountLink) => Promise<Met>>> = {
  async "verify-email"({ links, users }, link) {
    const user = await users.find(link.userId)
    if (user?.email !== link.email) return { user, cause: "revoked_meanwhile" }
    if (user.disabledAt !== null) return { user, cause: "disabled" }
    if (isVerified(user)) return { user, cause: "link_used" }
    return links.isOf(link, verificationState(user)) ? { user } : { user, cause: "revoked_meanwhile" }
  },

  async "confirm-email"({ links, sessions, users }, link) {
    // What is believed of the account is read after its epoch.
    const { epoch } = await sessions.begin(link.userId)
    const user = await users.find(link.userId)
    if (!user || !links.isOf(link, changeState(user, epoch))) return { user, cause: "revoked_meanwhile" }
    if (user.disabledAt !== null) return { user, cause: "disabled" }
    return isFree(await users.findByEmail(link.email), user)
  },

  async "undo-email"(parts, link) {
    const { users } = parts
    const user = await users.find(link.userId)
    if (!user || !(await isUndoable(parts, link))) return { user, cause: "revoked_meanwhile" }
    return isFree(await users.findByEmail(link.email), user)
  },
}

function isFree(holder: User | undefined, user: User): Met {
  return holder && holder.id !== user.id ? { user, cause: "email_taken" } : { user }
}

/** What must hold until an address is proven: it is the account's, and nobody has proven it yet. */
export function verificationState({ email, emailVerifiedAt }: User): readonly (string | number | null)[] {
  return [email, emailVerifiedAt ?? null]
}

/** What must hold until a new address is proven: the old one is the account's, and nothing was revoked. */
export function changeState({ email }: User, epoch: number): readonly (string | number | null)[] {
  return [email, epoch]
}

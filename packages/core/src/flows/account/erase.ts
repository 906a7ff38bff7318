/*
 *  Owner              account flow                   users   sessions   credentials, consents   host's parts   audit
 *     │ "remove me"       │ 1 who asks, and since when? ─────▶│               │                    │           │
 *     ├──────────────────▶│ 2 one at a time per user, who ───▶│               │                    │           │
 *     │                   │   say that it begins ───────────────────────────────────────────────────────────▶│
 *     │                   │ 3 disable: nobody comes in ▶│     │               │                    │           │
 *     │                   │   end all sessions ──────────────▶│               │                    │           │
 *     │                   │ 4 remove what was a way in, and consents ────────▶│                    │           │
 *     │                   │ 5 remove what the host keeps ─────────────────────────────────────────▶│           │
 *     │                   │ 6 take the address out of the log ──────────────────────────────────────────────▶│
 *     │                   │ 7 delete the user ────────▶│      │               │                    │           │
 *     │                   │ 8 once more what was under way ──▶│──────────────▶│                    │           │
 *     │  signed out       │ 9 take the id out of the log, say that it is done ──────────────────────────────▶│
 *     │◀──────────────────┤ 10 a notice by mail, after the answer
 */
import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import { strongPrincipal } from "../second-factor.js"
import type { AccountParts } from "./account.js"

/** See {@link AccountSteps.eraseOwn}. */
export async function eraseOwn(parts: AccountParts, context: Context): Promise<Outcome> {
  // 1 who asks, and since when?
  const asked = await strongPrincipal(parts, parts.fresh, context)
  if (!asked.ok) return asked
  const user = await parts.users.find(asked.principal.userId)
  if (!user) return refuse("not_found")
  if ((await parts.mayErase(user as never)) !== true) return refuse("forbidden")
  return erase(parts, user.id, context)
}

/**
 * See {@link AccountSteps.erase}. Each step may be taken twice: whatever broke off, a second call finishes. The log is the only place that knows
 * what broke off, so it forgets the id last.
 */
export function erase(parts: AccountParts, userId: string, context: Context): Promise<Outcome> {
  const { clock, emit, mailTo, secrets, stores, users } = parts
  const [pseudonym] = pseudonymsOf(parts, userId)
  // 2 one at a time per user
  return parts.alone(userId, async () => {
    const user = await users.find(userId)
    if (!user) return (await hasBegun(parts, userId)) ? finish(parts, userId) : refuse("not_found")
    await emit(context, { type: "user.erasure_began", userId })
    // 3 disable: nobody comes in. End all sessions
    await close(parts, userId, context)
    // 4 remove what was a way in, and consents
    await removeRecords(parts, userId)
    // 5 remove what the host keeps
    for (const part of parts.parts.values()) await part.erase(user as never)
    // 6 take the address out of the log, which has a digest of it where no id was known; once the user is gone nobody knows of which
    const emailDigests = secrets.digests("event", user.email)
    await stores.audit?.pseudonymize(pseudonym, pseudonym, emailDigests)
    // 7 delete the user
    await users.delete(userId)
    const finished = await finish(parts, userId, emailDigests)
    // 10 a notice by mail, after the answer
    mailTo?.(user, { kind: "notice", notice: "account_erased", at: clock() }, context)
    return finished
  })
}

/** A write that rejects may have taken effect all the same, so then the sessions end too. */
async function close(
  { clock, sessions, users }: AccountParts,
  userId: string,
  context: Context,
): Promise<void> {
  try {
    await users.update(userId, { disabledAt: clock() })
  } finally {
    await sessions.endAll(userId, "erased", context)
  }
}

async function removeRecords({ credentials, stores }: AccountParts, userId: string): Promise<void> {
  await credentials.deleteByUser(userId)
  await stores.consents?.deleteByUser(userId)
}

/** What is left to do when the user is gone. Without a context: the log must not tie whoever erased to the pseudonym. */
async function finish(
  parts: AccountParts,
  userId: string,
  emailDigests: readonly string[] = [],
): Promise<{ readonly ok: true }> {
  const { emit, sessions, stores } = parts
  // 8 once more what was under way: a registration, or an administrator, may just have written what belongs to somebody who is gone
  await sessions.endAll(userId, "erased", {})
  await removeRecords(parts, userId)
  // 9 take the id out of the log, say that it is done. Told after: that accounts for every pseudonym before it, and a second call tells it again
  const [pseudonym] = pseudonymsOf(parts, userId)
  await stores.audit?.pseudonymize(userId, pseudonym, emailDigests)
  await emit({}, { type: "user.erased", pseudonym })
  return { ok: true }
}

/** Who erased users are in the log, under the newest secret and the older ones: what nobody can turn back into the id. */
function pseudonymsOf(
  { secrets }: AccountParts,
  userId: string,
): readonly [newest: string, ...older: string[]] {
  const [newest, ...older] = secrets.digests("pseudonym", userId)
  return [pseudonymPrefix + newest, ...older.map((digest) => pseudonymPrefix + digest)]
}

/** Tells a pseudonym from an id. */
export const pseudonymPrefix = "erased-"

/**
 * Whether the log knows of an erasure of this id in this realm, be it under its pseudonym by now. An id that was never erased here may be a user of
 * another realm, and is left alone.
 */
async function hasBegun(parts: AccountParts, userId: string): Promise<boolean> {
  for (const name of [userId, ...pseudonymsOf(parts, userId)]) {
    const begun = await parts.stores.audit?.list({ userId: name, types: ["user.erasure_began"], limit: 9 })
    if (begun?.some(({ event }) => event.realm === parts.realm)) return true
  }
  return false
}

import { sha256 } from "#primitives"
import type { EpochMs } from "../../clock.js"
import { StoreError } from "../../errors.js"
import type { AccountLink } from "../signed-link.js"
import type { EmailParts } from "./email-address.js"

/*
 * Which changes of address can still be taken back: a pile per account, the oldest first. Taking one back takes all later ones back too, so it
 * removes them from the pile with it. Whoever changes the address twice, to get rid of the owner's link, has only put more on top of it; and
 * once the owner has used it, theirs are gone. Nothing in it tells whose it is, nor which addresses there were.
 */

/** One change: which link takes it back, when it happened, until when. */
interface Undoable {
  readonly link: string
  readonly at: EpochMs
  readonly expiresAt: EpochMs
}

type UndoParts = Pick<EmailParts, "challenges" | "clock">
type UndoLink = Pick<AccountLink, "id" | "userId" | "expiresAt">

/** What a value of an {@link AtomicStore} takes, ten times over. */
const mostChanges = 64

/** A swap fails only when another's succeeded, and whoever changes a pile has a lease on the account. */
const mostRounds = 50

/** Puts a change on the pile. Of a pile that is full the one on top goes: what lies below is the owner's. */
export async function pile(parts: UndoParts, { expiresAt, id, userId }: UndoLink): Promise<void> {
  const added: Undoable = { link: sha256(id), at: parts.clock(), expiresAt }
  await change(parts, userId, (changes) => [...changes.slice(0, mostChanges - 1), added])
}

/** Whether the change can still be taken back by this link. */
export async function isUndoable(parts: UndoParts, link: UndoLink): Promise<boolean> {
  return (await undoableSince(parts, link)) !== undefined
}

/** When it happened; undefined if it cannot be taken back by this link. */
export async function undoableSince(
  { challenges, clock }: UndoParts,
  { id, userId }: UndoLink,
): Promise<EpochMs | undefined> {
  const changes = live(await challenges.get(keyOf(userId)), clock())
  return changes.find(({ link }) => link === sha256(id))?.at
}

/** Takes it off the pile, and all that lies upon it. True for exactly one of N parallel callers. */
export async function unpile(parts: UndoParts, { id, userId }: UndoLink): Promise<boolean> {
  return change(parts, userId, (changes) => {
    const at = changes.findIndex(({ link }) => link === sha256(id))
    return at === -1 ? undefined : changes.slice(0, at)
  })
}

/** Applies one indivisible change; `next` answers undefined to leave everything as it is. */
async function change(
  { challenges, clock }: UndoParts,
  userId: string,
  next: (changes: readonly Undoable[]) => readonly Undoable[] | undefined,
): Promise<boolean> {
  const key = keyOf(userId)
  for (let round = 0; round < mostRounds; round++) {
    const current = await challenges.get(key)
    const changed = next(live(current, clock()))
    if (!changed) return false
    const text = JSON.stringify(changed)
    const expiresAt = Math.max(0, ...changed.map((one) => one.expiresAt))
    const written =
      current === undefined
        ? await challenges.add(key, text, expiresAt)
        : await challenges.swap(key, current, text, expiresAt)
    if (written === true) return true
  }
  throw new StoreError("challenges", new Error("No swap succeeded."))
}

function live(text: string | undefined, now: EpochMs): readonly Undoable[] {
  const changes: readonly Undoable[] = JSON.parse(text ?? "[]")
  return changes.filter(({ expiresAt }) => now < expiresAt)
}

/** Of all realms that share the users. */
function keyOf(userId: string): string {
  return `email-changes:${sha256(userId)}`
}

import type { Clock, SessionRecord } from "@mortise/core"
import { MalformedDataError } from "../malformed-data-error.js"
import { isCount, isObject, parseStored } from "../session-record.js"
import { type Keys, present, type Revocation } from "./keys.js"
import type { NamespaceAccess } from "./namespace-access.js"

/** What was revoked, per user. */
export interface Revocations {
  /** The last revocation as this location sees it. One read. */
  last(owner: string): Promise<Revocation | undefined>
  /** Writes one more, sparing one session (an id, or ""). */
  add(owner: string, spared: string): Promise<void>
  /**
   * Whether a session stands, given the last revocation that this location sees. One more read, in the rare
   * case that the revocation spared this session.
   */
  spares(owner: string, last: Revocation | undefined, record: SessionRecord): Promise<boolean>
}

/**
 * A user's epoch here is the instant of the last revocation, not a count: two locations that revoke without
 * seeing each other must not give the same number, or the sessions that were opened after the one would pass
 * for opened after the other. That takes clocks that agree, as a provider's do, to the millisecond or so.
 *
 * Each revocation has two keys. One per user holds the last of them and is what is read; but of two that
 * did not see each other it keeps only the later, and if that one spared a session, the other, which did not,
 * would be forgotten. So each also leaves a key of its own, which nothing overwrites; a session that claims to
 * have been spared is held against all of them.
 */
export function revocations(access: NamespaceAccess, keys: Keys, clock: Clock): Revocations {
  // What this instance wrote, and may not see yet: whoever revokes all and signs in again (a claim) must not do so under the old epoch.
  const written = new Map<string, Revocation>()

  async function last(owner: string): Promise<Revocation | undefined> {
    const [text] = await access.read([keys.lastRevocation(owner)])
    const seen = text === undefined ? undefined : storedRevocation(text)
    const own = written.get(owner)
    return own && own.epoch > (seen?.epoch ?? 0) ? own : seen
  }

  function remember(owner: string, revocation: Revocation): void {
    written.delete(owner)
    written.set(owner, revocation)
    const [oldest] = written.keys()
    if (written.size > mostRemembered && oldest !== undefined) written.delete(oldest)
  }

  async function add(owner: string, spared: string): Promise<void> {
    const before = await last(owner)
    const revocation = { epoch: Math.max((before?.epoch ?? 0) + 1, clock()), spared }
    const until = clock() + revocationLifetime
    await access.write(keys.revocation(owner, revocation), present, until)
    await access.insist(keys.lastRevocation(owner), JSON.stringify(revocation), until)
    remember(owner, revocation)
  }

  async function spares(
    owner: string,
    latest: Revocation | undefined,
    record: SessionRecord,
  ): Promise<boolean> {
    if (latest === undefined || latest.epoch <= record.epoch) return true
    if (latest.spared !== record.id) return false
    const names = await access.names(keys.revocationsOf(owner))
    return names.map(keys.readRevocation).every(({ epoch, spared }) => {
      return epoch <= record.epoch || spared === record.id
    })
  }

  return { last, add, spares }
}

/** Each some 100 bytes; whoever revokes and signs in does so within seconds. */
const mostRemembered = 1_000

/**
 * How long a revocation is remembered: 400 days, longer than any sign-in takes and any browser keeps a cookie.
 */
const revocationLifetime = 400 * 86_400_000

/** @throws MalformedDataError for anything but what {@link Revocations.add} writes */
export function storedRevocation(text: string): Revocation {
  const parsed = parseStored(text)
  if (isObject(parsed) && isCount(parsed.epoch) && typeof parsed.spared === "string") {
    return { epoch: parsed.epoch, spared: parsed.spared }
  }
  throw new MalformedDataError("What is stored as a user's last revocation in KV is none.")
}

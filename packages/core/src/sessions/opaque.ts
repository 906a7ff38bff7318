import { sha256 } from "#primitives"
import { type Awaitable, andThen } from "../awaitable.js"
import type { Context } from "../context.js"
import { equalInConstantTime } from "../crypto/equal.js"
import type { GuardedRequest } from "../guarded-request.js"
import type { FoundSession, User } from "../stores/ports.js"
import { type KeptLimits, keptSessions, principalOf } from "./kept.js"
import { onlyLooks } from "./only-looks.js"
import type { BareSessions, OpenedSession, Principal, Resumed, SessionKit, SignInTicket } from "./session.js"
import { formatSessionToken, newSessionToken, parseSessionToken } from "./session-token.js"

/** Sessions behind a token that says nothing: `id.secret`. The record holds SHA-256 of the secret. */
export function opaqueSessions<C extends object>(
  kit: SessionKit<"sessions", C>,
  limits: KeptLimits,
): BareSessions<C> {
  const { clock, emit } = kit
  const store = kit.stores.sessions
  const kept = keptSessions(kit, limits, "opaque")
  const { begin, claimsOf, end, endAll, list, live, seen, touch } = kept
  const touchMs = limits.idle * 100

  async function open(
    ticket: SignInTicket,
    user: User,
    methods: readonly string[],
    context: Context,
  ): Promise<OpenedSession<C> | undefined> {
    // Ended before the new one exists: a crash in between leaves less access, not more.
    const presented = await lookUp(context.token)
    if (presented) await end(presented.record.userId, presented.record.id, "replaced", context)
    const { id, secret } = newSessionToken()
    const opened = await kept.insert({ id, secretHash: sha256(secret) }, ticket, user, methods, context)
    return (
      opened && {
        principal: principalOf(opened.record, opened.claims),
        token: formatSessionToken({ id, secret }),
      }
    )
  }

  function read(token: string | undefined, request?: GuardedRequest): Awaitable<Principal<C> | undefined> {
    return andThen(lookUp(token), (found) => {
      if (!found) return undefined
      const { record } = found
      if (clock() - record.lastSeenAt < touchMs || onlyLooks(request))
        return principalOf(record, claimsOf(found))
      return touch(record).then((touched) => touched && principalOf(touched, claimsOf(found)))
    })
  }

  function resume(token: string | undefined, request?: GuardedRequest): Awaitable<Resumed<C> | undefined> {
    return andThen(read(token, request), (principal) => principal && { principal })
  }

  function lookUp(token: string | undefined): Awaitable<FoundSession | undefined> {
    const presented = parseSessionToken(token ?? "")
    return presented && andThen(live(presented.id), (found) => found && proven(found, presented.secret))
  }

  function proven(found: FoundSession, secret: string): Awaitable<FoundSession | undefined> {
    const { id: sessionId, secretHash, userId } = found.record
    if (equalInConstantTime(sha256(secret), secretHash)) return found
    return emit({}, { type: "session.token_mismatch", userId, sessionId }).then(() => undefined)
  }

  /** Reading renews it, at the store's own pace. The same token goes out again, so that the browser keeps its cookie as long. */
  async function renew(token: string | undefined): Promise<OpenedSession<C> | undefined> {
    const principal = token && (await read(token))
    return principal ? { principal, token } : undefined
  }

  /** A renewal that comes in between changes the revision but not the secret, so the swap is tried again with what is there then. */
  async function rotate(
    token: string | undefined,
    context: Context,
    proven?: readonly string[],
  ): Promise<OpenedSession<C> | undefined> {
    for (let round = 0; round < 3; round++) {
      const found = await lookUp(token)
      if (!found) return undefined
      const { secret } = newSessionToken()
      const rotated = { ...seen(found.record, proven), secretHash: sha256(secret) }
      const { id, userId } = rotated
      if ((await store.replace(rotated, found.record.revision)) !== true) continue
      await emit(context, { type: "session.rotated", userId, sessionId: id })
      return { principal: principalOf(rotated, claimsOf(found)), token: formatSessionToken({ id, secret }) }
    }
    return undefined
  }

  return { maxAge: limits.absolute, begin, open, read, resume, renew, rotate, list, end, endAll }
}

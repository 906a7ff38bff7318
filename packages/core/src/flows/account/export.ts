/*
 *  Owner              account flow                     sessions   users, credentials, consents   audit   host's parts
 *     │ "my data"         │ 1 who asks, and since when? ────▶│                │                  │           │
 *     ├──────────────────▶│ 2 one at a time per user, who ───────────────────▶│                  │           │
 *     │                   │ 3 read all of it ───────────────▶│───────────────▶│─────────────────▶│──────────▶│
 *     │                   │ 4 say that it was handed out ───────────────────────────────────────▶│           │
 *     │  JSON             │                                  │                │                  │           │
 *     │◀──────────────────┤
 */
import type { EpochMs } from "../../clock.js"
import type { Context } from "../../context.js"
import type { AuthEvent } from "../../events.js"
import { type Outcome, refuse } from "../../outcome.js"
import { type SessionView, viewOf } from "../../sessions/session.js"
import type { AuditEntry, ConsentRecord, Json, SessionRecord } from "../../stores/ports.js"
import { strongPrincipal } from "../second-factor.js"
import type { AccountParts } from "./account.js"
import { describedCredential, type ExportedCredential } from "./described-credential.js"

/** Everything that is kept of a user, but secrets. Instants are milliseconds since 1970. Another shape has another `format`. */
export interface AccountExport {
  readonly format: "mortise.account/1"
  readonly realm: string
  readonly exportedAt: EpochMs
  /** The host's own user, see the option `user`. */
  readonly user: Json
  /** By what they can sign in, and prove it. Never a hash, seed or key. */
  readonly credentials: readonly ExportedCredential[]
  /** Live sessions of every realm. */
  readonly sessions: readonly (SessionView & Pick<SessionRecord, "realm" | "claims">)[]
  /** Every answer that they gave, oldest first. */
  readonly consents: readonly Omit<ConsentRecord, "userId">[]
  /** What the audit has under their id, newest first. */
  readonly events: readonly AuthEvent[]
  /** What the host keeps, by the names that it gave. */
  readonly parts: { readonly [name: string]: Json }
}

/** See {@link AccountSteps.exportOwn}. */
export async function exportOwn(
  parts: AccountParts,
  context: Context,
): Promise<Outcome<{ account: AccountExport }>> {
  // 1 who asks, and since when?
  const asked = await strongPrincipal(parts, parts.fresh, context)
  return asked.ok ? exportAccount(parts, asked.principal.userId, context) : asked
}

/** See {@link AccountSteps.export}. */
export function exportAccount(
  parts: AccountParts,
  userId: string,
  context: Context,
): Promise<Outcome<{ account: AccountExport }>> {
  const { clock, credentials, emit, realm, stores, users } = parts
  // 2 one at a time per user: it reads much, and nothing is to be told of somebody who is being erased
  return parts.alone(userId, async () => {
    const user = await users.find(userId)
    if (!user) return refuse("not_found")
    // 3 read all of it
    const held = await credentials.listByUser(userId)
    const described = await Promise.all(held.map((one) => describedCredential(parts.secrets, one)))
    const sessions = (await stores.sessions?.listByUser(userId)) ?? []
    const consents = (await stores.consents?.listByUser(userId)) ?? []
    const account: AccountExport = {
      ...{ format: "mortise.account/1", realm, exportedAt: clock() },
      user: parts.userJson(user as never),
      credentials: described.flatMap((one) => one ?? []),
      sessions: sessions.map((record) => ({ realm: record.realm, claims: record.claims, ...viewOf(record) })),
      consents: consents.map(({ at, given, purpose, version }) => ({ purpose, version, given, at })),
      events: (await entriesOf(parts, userId)).map(({ event }) => event),
      parts: Object.fromEntries(
        await Promise.all(
          [...parts.parts].map(async ([name, part]) => [name, await part.export(user as never)] as const),
        ),
      ),
    }
    // 4 say that it was handed out
    await emit(context, { type: "user.exported", userId })
    return { ok: true, account }
  })
}

const pageSize = 500

async function entriesOf({ stores }: AccountParts, userId: string): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = []
  let before: number | undefined
  for (;;) {
    const page = (await stores.audit?.list({ userId, before, limit: pageSize })) ?? []
    entries.push(...page)
    before = page.at(-1)?.number
    if (page.length < pageSize || before === undefined) return entries
  }
}

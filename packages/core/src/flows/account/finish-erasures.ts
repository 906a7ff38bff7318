import type { AuditQuery, AuditRecord } from "../../stores/ports.js"
import type { AccountParts } from "./account.js"
import { erase, pseudonymPrefix } from "./erase.js"

const pageSize = 500

/** See {@link AccountSteps.finishErasures}. One whose account was opened again by the host was given up. */
export async function finishErasures(parts: AccountParts): Promise<number> {
  const faults: unknown[] = []
  let finished = 0
  for (const userId of await unfinished(parts)) {
    if ((await parts.users.find(userId))?.disabledAt === null) continue
    try {
      // Nothing was left to do but to tell of it.
      if (userId.startsWith(pseudonymPrefix)) await parts.emit({}, { type: "user.erased", pseudonym: userId })
      else await erase(parts, userId, {})
      finished++
    } catch (fault) {
      // One that fails again, as by a part of the host's, must not hold up the others.
      faults.push(fault)
    }
  }
  if (faults.length > 0) throw faults[0]
  return finished
}

/** The ids of erasures that have begun and are not told to be done: of those the log has a pseudonym, which is told as well. */
async function unfinished(parts: AccountParts): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  const done = new Set<string>()
  for (const { event } of await all(parts, {
    types: ["user.erasure_began", "user.erased"],
    limit: pageSize,
  })) {
    if (event.type === "user.erased") done.add(event.pseudonym)
    if (event.type === "user.erasure_began" && event.realm === parts.realm) ids.add(event.userId)
  }
  return new Set([...ids].filter((id) => !done.has(id)))
}

async function all({ stores }: AccountParts, query: AuditQuery): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = []
  for (;;) {
    const before = records.at(-1)?.number
    const page = (await stores.audit?.list({ ...query, before })) ?? []
    records.push(...page)
    if (page.length < query.limit) return records
  }
}

import type { Context } from "../../context.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { ConsentRecord } from "../../stores/ports.js"
import type { AccountParts } from "./account.js"

/** A user's yes to the text that they were shown. */
export interface ConsentAnswer<Purpose extends string = string> {
  readonly purpose: Purpose
  /** Of the text that was on the page. */
  readonly version: string
}

/** How things stand with one purpose. */
export interface ConsentState {
  readonly purpose: string
  /** Of the text as it is now; null: the host asks for it no more. */
  readonly version: string | null
  /** Whether it counts: given last, and to a text that still does. */
  readonly given: boolean
  /** The last answer; null: never asked, or never answered. */
  readonly last: Omit<ConsentRecord, "userId" | "purpose"> | null
}

type Parts = Pick<AccountParts, "alone" | "clock" | "consents" | "emit" | "stores" | "users">

/** See {@link AccountSteps.consents}. */
export async function consentStates(parts: Parts, userId: string): Promise<readonly ConsentState[]> {
  const last = await lastAnswers(parts, userId)
  const purposes = new Set([...parts.consents.keys(), ...last.keys()])
  return [...purposes].map((purpose) => stateOf(parts, purpose, last.get(purpose)))
}

/** See {@link AccountSteps.hasConsent}. */
export async function hasConsent(parts: Parts, userId: string, purpose: string): Promise<boolean> {
  return stateOf(parts, purpose, (await lastAnswers(parts, userId)).get(purpose)).given
}

/** See {@link AccountSteps.giveConsent}. */
export async function give(
  parts: Parts,
  userId: string,
  { purpose, version }: ConsentAnswer,
  context: Context,
): Promise<Outcome> {
  const asked = parts.consents.get(purpose)
  if (!asked) return refuse("not_found")
  // Whoever saw an older text has not agreed to this one.
  if (version !== asked.version) return refuse("conflict")
  const isGiven = (last: ConsentRecord | undefined): boolean =>
    last?.given === true && last.version === version
  return note(parts, userId, purpose, context, (last) =>
    isGiven(last) ? undefined : { version, given: true },
  )
}

/** See {@link AccountSteps.withdrawConsent}. */
export async function withdraw(
  parts: Parts,
  userId: string,
  purpose: string,
  context: Context,
): Promise<Outcome> {
  const known = parts.consents.has(purpose) || (await lastAnswers(parts, userId)).has(purpose)
  if (!known) return refuse("not_found")
  return note(parts, userId, purpose, context, (last) =>
    last?.given ? { version: last.version, given: false } : undefined,
  )
}

/** One at a time per user, and for a user who is still there: nothing is written behind an erasure. */
async function note(
  { alone, clock, emit, stores, users }: Parts,
  userId: string,
  purpose: string,
  context: Context,
  next: (last: ConsentRecord | undefined) => Pick<ConsentRecord, "version" | "given"> | undefined,
): Promise<Outcome> {
  return alone(userId, async () => {
    if (!(await users.find(userId))) return refuse("not_found")
    const change = next((await lastAnswers({ stores }, userId)).get(purpose))
    if (!change) return { ok: true }
    await stores.consents?.append({ userId, purpose, ...change, at: clock() })
    const type = change.given ? "consent.given" : "consent.withdrawn"
    await emit(context, { type, userId, purpose, version: change.version })
    return { ok: true }
  })
}

async function lastAnswers(
  { stores }: Pick<Parts, "stores">,
  userId: string,
): Promise<ReadonlyMap<string, ConsentRecord>> {
  const history = (await stores.consents?.listByUser(userId)) ?? []
  return new Map(history.map((record) => [record.purpose, record]))
}

function stateOf(
  { consents }: Pick<Parts, "consents">,
  purpose: string,
  record: ConsentRecord | undefined,
): ConsentState {
  const { alsoCounts = [], version = null } = consents.get(purpose) ?? {}
  const last = record && { version: record.version, given: record.given, at: record.at }
  const given = last?.given === true && [version, ...alsoCounts].includes(last.version)
  return { purpose, version, given, last: last ?? null }
}

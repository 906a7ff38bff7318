/*
 *  Visitor            password reset                  rateLimits   users   sessions   credentials   mailer
 *     │ e-mail            │ 1 count the network ──────────▶│          │        │           │           │
 *     ├──────────────────▶│ 2 read the address             │          │        │           │           │
 *     │                   │ 3 count address and mailbox ──▶│          │        │           │           │
 *     │                   │ 4 find the user ─────────────────────────▶│        │           │           │
 *     │                   │ 5 note epoch and password ─────────────────────────▶│──────────▶│           │
 *     │                   │ 6 sign the link                │          │        │           │           │
 *     │ "look into your mail"                              │          │        │           │           │
 *     │◀──────────────────┤ 7 mail it, after the answer ──────────────────────────────────────────────▶│
 *     │ ── the mail has the link; reset-confirm.ts has the second half ──▶
 *
 * Steps 1 to 6 and the answer are the same for everybody, and nothing is stored but counters under keyed digests. Only 7 depends on what was
 * found: there is an account, and it is not disabled.
 */
import type { Context } from "../../context.js"
import { canonicalEmail } from "../../email-address.js"
import { addressBucket } from "../../limits/client-address.js"
import type { Rate } from "../../limits/rate-limit.js"
import type { Outcome, Refusal } from "../../outcome.js"
import { overLimit } from "../mail-limits.js"
import { mailboxOf } from "../mailbox-of.js"
import { nobodyAt } from "../nobody-at.js"
import { lookAt, type ResetParts } from "./reset.js"

/** See {@link ResetSteps.forgot}. */
export async function forgot(
  parts: ResetParts,
  input: { readonly email: string },
  context: Context,
): Promise<Outcome> {
  const { emit, links, mailTo, reset, secrets, users } = parts
  // 1 count the network; 2 read the address; 3 count address and mailbox
  const email = canonicalEmail(input.email)
  // What is no address is counted and looked up all the same, under a name that no account has.
  const sought = email ?? `@${input.email}`
  const crowded = await overAnyLimit(parts, sought, context)
  if (crowded) return crowded
  // 4 find the user
  const id = (await users.findByEmail(email ?? "@"))?.id ?? nobodyAt(parts, sought)
  // 5 note epoch and password
  const { state, user } = await lookAt(parts, id)
  // 6 sign the link
  const about = { action: "reset-password", userId: id, email: email ?? "@" } as const
  const { expiresAt, token } = links.sign(about, reset.lifetimeMs, state)
  await emit(context, {
    type: "password.reset_requested",
    emailDigest: secrets.digests("event", sought)[0],
  })
  // 7 mail it, after the answer
  if (user && user.email === email && user.disabledAt === null) {
    mailTo(user, { kind: "reset_password", url: `${reset.url}?token=${token}`, expiresAt }, context)
  }
  return { ok: true }
}

async function overAnyLimit(
  parts: ResetParts,
  sought: string,
  context: Context,
): Promise<Refusal | undefined> {
  const { address, mailbox, network } = parts.reset.rates
  const digest = (text: string): string => parts.secrets.digests("limit", text)[0]
  const alias = mailboxOf(sought)
  const counted: readonly (readonly [limit: string, key: string, rate: Rate])[] = [
    ["network", addressBucket(context.address), network],
    ["address", digest(sought), address],
    ...(alias === sought || sought.startsWith("@") ? [] : [["mailbox", digest(alias), mailbox] as const]),
  ]
  for (const [limit, key, rate] of counted) {
    const refusal = await overLimit(parts, { flow: "password_reset", limit, key, rate }, context)
    if (refusal) return refusal
  }
  return undefined
}

/*
 *  Browser            magic-link flow                 rateLimits   users   sessions      mailer
 *     │ e-mail, locale    │ 1 count the network ──────────▶│          │        │            │
 *     ├──────────────────▶│ 2 read the address             │          │        │            │
 *     │                   │ 3 count address and mailbox ──▶│          │        │            │
 *     │                   │ 4 find the user, note the epoch ─────────▶│───────▶│            │
 *     │                   │ 5 sign the link, derive the code          │        │            │
 *     │  "look into your mail"                             │          │        │            │
 *     │◀──────────────────┤ 6 hand the mail over, after the answer ────────────────────────▶│
 *     │ ── the mail has the link and the code; confirm.ts has the second half ──▶
 *
 * Nothing about whose address it is is stored: its counters stand under keyed digests, and what the second half needs travels in the link
 * itself. Steps and answer are the same for everybody; what they find in 4 goes into the link as a digest that nobody else can read.
 */
import { sha256 } from "#primitives"
import type { Context } from "../../context.js"
import { canonicalEmail } from "../../email-address.js"
import { addressBucket } from "../../limits/client-address.js"
import { type Outcome, refuse } from "../../outcome.js"
import type { Json } from "../../stores/ports.js"
import { afterAnswer } from "../after-answer.js"
import { mailboxOf } from "../mailbox-of.js"
import { nobodyAt } from "../nobody-at.js"
import { codeOf } from "./code.js"
import { type LinkClaims, newAttemptId } from "./link-token.js"
import { epochText, type MagicLinkParts, type StartedLink, type StartLinkInput } from "./magic-link.js"
import { overLimit } from "./refusals.js"

/** Bytes of JSON: more does not fit into a link that mail programs keep whole, nor into a cookie. */
const mostMetadata = 1024
const longestReturnTo = 1024

/** See {@link MagicLinkSteps.start}. */
export async function start(
  parts: MagicLinkParts,
  input: StartLinkInput<string, Json | undefined>,
  context: Context,
): Promise<Outcome<StartedLink>> {
  const { clock, emit, realm, secrets, sessions, settings, tokens, users } = parts
  const { rates } = settings
  // 1 count the network
  const network = `network:${addressBucket(context.address)}`
  const crowded = await overLimit(parts, network, rates.network, context)
  if (crowded) return crowded
  // 2 read the address
  const email = canonicalEmail(input.email)
  if (email === undefined) return refuse("invalid_email")
  if (!settings.locales.includes(input.locale) || !fits(input.metadata, mostMetadata)) {
    return refuse("invalid_request")
  }
  // 3 count address and mailbox
  const [digest] = secrets.digests("limit", email)
  const mailbox = mailboxOf(email)
  const insistent =
    (await overLimit(parts, `address:${digest}`, rates.address, context)) ??
    (mailbox === email
      ? undefined
      : await overLimit(parts, `mailbox:${secrets.digests("limit", mailbox)[0]}`, rates.mailbox, context))
  if (insistent) return insistent
  // 4 find the user, note the epoch
  const user = await users.findByEmail(email)
  const ticket = await sessions.begin(user?.id ?? nobodyAt(parts, email))
  // 5 sign the link, derive the code
  const id = newAttemptId()
  const browser = parts.browsers.secretFor(input.browser)
  const { locale, metadata, returnTo } = input
  const claims: LinkClaims = {
    id,
    realm,
    audience: settings.audience,
    email,
    locale,
    expiresAt: clock() + settings.lifetimeMs,
    returnTo: fits(returnTo, longestReturnTo) ? returnTo : undefined,
    metadata,
    browser: sha256(browser),
    epoch: secrets.digests("magic-link-epoch", epochText({ id }, user, ticket))[0],
  }
  const { digits } = settings
  const attempt = digits === undefined ? undefined : tokens.sign("magic-link-code", claims)
  await emit(context, {
    type: "magic_link.requested",
    emailDigest: secrets.digests("event", email)[0],
    locale,
  })
  // 6 hand the mail over, after the answer
  send(parts, claims, digits === undefined ? undefined : codeOf(secrets, id, digits), context)
  return { ok: true, browser, attempt }
}

/** The visitor must not wait for it, since mailing takes as long as others please; and learns nothing if it fails. */
function send(
  { onFault, settings, tokens }: MagicLinkParts,
  claims: LinkClaims,
  code: string | undefined,
  context: Context,
): void {
  const { email, expiresAt, locale, metadata } = claims
  const url = `${settings.confirmUrl}?token=${tokens.sign("magic-link", claims)}`
  const mail = { to: email, url, code, locale, expiresAt, metadata }
  afterAnswer(() => settings.send(mail), context, onFault)
}

function fits(value: Json | undefined, most: number): boolean {
  return value === undefined || new TextEncoder().encode(JSON.stringify(value)).length <= most
}

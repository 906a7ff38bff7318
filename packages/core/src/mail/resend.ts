import { ConfigError, MailError, misconfigured } from "../errors.js"
import { type Network, type NetworkOptions, outboundNetwork } from "../network/network.js"
import { idempotencyKey } from "./idempotency-key.js"
import { type BuiltInLocale, type LetterOptions, letterWriter } from "./letter-writer.js"
import { mailbox, writtenMailbox } from "./mailbox.js"
import type { SendMail } from "./send-mail.js"

/** How mails leave through Resend. */
export interface ResendOptions<Added extends string = never, M = unknown, AddedAccount extends string = never>
  extends LetterOptions<Added, M, AddedAccount> {
  /** May be one that can send and nothing else. */
  readonly apiKey: string
  /** `"My App <login@example.com>"`, or the address alone; of a domain that is verified there. */
  readonly from: string
  readonly replyTo?: string
  /** Of a stand-in that speaks the same API: https, or an origin that `network.loopback` names. Default `"https://api.resend.com"`. */
  readonly baseUrl?: string
  readonly network?: NetworkOptions
}

/**
 * Sends through Resend's HTTP API. A request that has no answer within five seconds, or one of 429, or of 500 and more, is made once more after
 * a second. It cannot send the mail twice: both carry the same idempotency key, a digest of the link or of what else makes a mail that one, and the same body, and Resend remembers
 * a key for 24 hours. No redirects.
 * @throws ConfigError `ERR_CONFIG_MAIL`, `ERR_CONFIG_PROVIDER` for `network.loopback`. The sender rejects with MailError: `refused` with
 * Resend's status and name (`422 validation_error`), or `unavailable`.
 */
export function resend<Added extends string = never, M = unknown, AddedAccount extends string = never>(
  options: ResendOptions<Added, M, AddedAccount>,
): SendMail<BuiltInLocale | NoInfer<Added>, M, BuiltInLocale | NoInfer<AddedAccount>> {
  const { apiKey, baseUrl = "https://api.resend.com", replyTo } = options
  if (typeof apiKey !== "string" || !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ConfigError(
      "ERR_CONFIG_MAIL",
      'resend: apiKey is no key. Write env.RESEND_API_KEY, which begins with "re_".',
    )
  }
  const writer = letterWriter(options)
  const network = outboundNetwork(options.network)
  const endpoint = checkedEndpoint(network, baseUrl)
  const fixed = {
    from: writtenMailbox(mailbox("resend: from", options.from)),
    ...(replyTo !== undefined && { reply_to: writtenMailbox(mailbox("resend: replyTo", replyTo)) }),
    // RFC 3834 §5: no absence note is an answer to this.
    headers: { "Auto-Submitted": "auto-generated" },
  }

  const send: SendMail<BuiltInLocale | Added, M, BuiltInLocale | AddedAccount> = async (mail) => {
    const letter = await writer.write(mail)
    await twiceIfDown(() =>
      post(network, endpoint, {
        method: "POST",
        headers: {
          authorization: `Bearer ${apiKey}`,
          "content-type": "application/json",
          "idempotency-key": idempotencyKey(mail),
          // Resend answers nobody without one, and Workers send none.
          "user-agent": "mortise",
        },
        body: JSON.stringify({ ...fixed, ...letter }),
      }),
    )
  }
  return Object.assign(send, { locales: writer.locales, accountLocales: writer.accountLocales })
}

const pauseMs = 1000

async function twiceIfDown(ask: () => Promise<void>): Promise<void> {
  try {
    await ask()
  } catch (error) {
    if (!(error instanceof MailError && downs.has(error.detail))) throw error
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    await ask()
  }
}

/** Of our network's codes those that may be over in a second. */
const downs: ReadonlySet<string> = new Set(["timed_out", "unavailable", "unreachable"])

/** @throws MailError */
async function post(network: Network, endpoint: string, request: RequestInit): Promise<void> {
  const answer = await network.fetch(endpoint, request).catch((error: unknown) => {
    const { code } = Object(error) as { readonly code?: unknown }
    throw new MailError("unavailable", typeof code === "string" ? code : "unknown")
  })
  if (answer.ok) return
  // Of a first request with this key, which we gave up, the end is not known yet: its mail may still leave.
  const fault = answer.status === 409 ? "unavailable" : "refused"
  throw new MailError(fault, `${answer.status} ${nameIn(await answer.text())}`)
}

/** Resend's name of an error, by its form. Its message repeats what was sent. */
function nameIn(body: string): string {
  try {
    const { name } = Object(JSON.parse(body)) as { readonly name?: unknown }
    return typeof name === "string" && /^[a-z]+(?:_[a-z]+)*$/.test(name) && name.length <= 48
      ? name
      : "unknown"
  } catch {
    return "unknown"
  }
}

function checkedEndpoint(network: Network, baseUrl: string): string {
  try {
    const { href, search, hash } = network.checked(baseUrl)
    if (search === "" && hash === "") return `${href.replace(/\/$/, "")}/emails`
  } catch {
    // Said below, with what to write.
  }
  throw misconfigured(
    "ERR_CONFIG_MAIL",
    "resend: baseUrl",
    baseUrl,
    "an https address, or name its origin in network.loopback",
  )
}

import { createAuth, opaque } from "@mortise/core"
import { magicLink } from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { mailSink } from "@mortise/core/testing"
import { type Locale, locales } from "../words/locale.js"

/** Which link. */
export interface MintedLink {
  readonly origin: string
  readonly secret: string
  readonly locale: Locale
  /** How long ago it was asked for, in minutes. Default 0. */
  readonly age?: number
}

/** A link as the Core Worker would have made it at another time, or with another secret. */
export async function mintLink({ origin, secret, locale, age = 0 }: MintedLink): Promise<string> {
  const mails = mailSink()
  const auth = createAuth({
    origin,
    secret,
    stores: memoryStores(),
    sessions: opaque(),
    clock: () => Date.now() - age * 60_000,
    flows: { magicLink: magicLink({ send: mails.send, locales }) },
    paths: { magicLinkConfirm: "confirm" },
  })
  const asked = await auth.flows.magicLink.start({ email: "minted@example.com", locale })
  if (!asked.ok) throw new Error(`No link: ${asked.reason}.`)
  return (await mails.next()).url
}

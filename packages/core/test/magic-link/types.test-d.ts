import { type Auth, createAuth, opaque } from "../../src/index.js"
import { type LinkWords, type MagicLinkMail, magicLink } from "../../src/magic-link.js"
import { memoryStores } from "../../src/memory.js"

const stores = memoryStores()
const fixed = { origin: "https://app.example.com", secret: "", stores, sessions: opaque() }
declare const words: LinkWords
declare const builtIn: (mail: MagicLinkMail<"en" | "de">) => Promise<void>

// Languages are typed from the list on.
const auth = createAuth({
  ...fixed,
  flows: {
    link: magicLink({
      send: async ({ locale, metadata }) => {
        const known: "en" | "de" = locale
        const plan: string = metadata.plan
        return `${known} ${plan}`
      },
      locales: ["en", "de"],
      metadata: () => ({ plan: "pro" }),
      admit: ({ locale }) => {
        // @ts-expect-error not one of the host's languages
        return locale === "fr"
      },
      pages: (locale) => ({ home: `/${locale satisfies "en" | "de"}` }),
    }),
  },
})
auth satisfies Auth
void auth.flows.link.start({ email: "a@b.example", locale: "de", metadata: { plan: "x" } })
// @ts-expect-error not one of the host's languages
void auth.flows.link.start({ email: "a@b.example", locale: "fr" })
// @ts-expect-error the session can be reached only after the check
void auth.flows.link.confirm({ token: "" }).then(({ session }) => session)

magicLink({ send: builtIn, locales: ["de"] })
magicLink({ send: builtIn })
// @ts-expect-error a language that is not built in needs words
magicLink({ send: async () => {}, locales: ["en", "fr"] })
magicLink({ send: async () => {}, locales: ["en", "fr"], words: { fr: words } })
// @ts-expect-error a sender that writes English and German does not write French
magicLink({ send: builtIn, locales: ["en", "fr"], words: { fr: words } })
// @ts-expect-error the default is one of the list
magicLink({ send: builtIn, locales: ["en"], defaultLocale: "de" })
// @ts-expect-error four digits are guessed
magicLink({ send: builtIn, code: { digits: 4 } })
// @ts-expect-error nobody mails
magicLink({})
// @ts-expect-error a date is no JSON
magicLink({ send: async () => {}, metadata: () => ({ at: new Date() }) })

magicLink<"en" | "de">({ send: builtIn, locales: ["de"] })
// @ts-expect-error languages that only a type speaks of are not offered
magicLink<"de">({ send: builtIn })
// @ts-expect-error nor those of a function
magicLink({ send: builtIn, pages: (locale: "de") => ({ home: `/${locale}` }) })
// @ts-expect-error metadata that nobody makes
magicLink<"en", { plan: string }>({ send: async ({ metadata }) => metadata.plan })
// @ts-expect-error a number is no object
magicLink({ send: async () => {}, metadata: () => 1n })
// @ts-expect-error without its metadata the sender would find none
void auth.flows.link.start({ email: "a@b.example", locale: "de" })

const { challenges: _, ...without } = stores
// @ts-expect-error the flow needs challenges
createAuth({ ...fixed, stores: without, flows: { link: magicLink({ send: builtIn }) } })

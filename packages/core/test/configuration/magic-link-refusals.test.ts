import { expect, test } from "vitest"
import { linkWords } from "../../src/http/pages/link-words.js"
import { createAuth, opaque } from "../../src/index.js"
import { magicLink } from "../../src/magic-link.js"
import { memoryStores } from "../../src/memory.js"
import { origin, secret } from "../app.js"

const send = Object.assign(async () => {}, { locales: ["en", "de"] })

test.each<[string, object, string]>([
  ["no sender", {}, "send: undefined will not do. Write resend({ … }), or smtp({ … })."],
  ["a sender that is none", { send: "smtp://localhost" }, "Write resend("],
  ["no language", { send, locales: [] }, 'locales: [] will not do. Write ["en", "de"].'],
  ["a language that is none", { send, locales: ["../de"] }, "locales:"],
  ["a default that is not offered", { send, locales: ["de"], defaultLocale: "en" }, "Write one of de."],
  ["a language without words", { send, locales: ["fr"] }, "Write words: { fr: { … } }."],
  [
    "a language that the sender does not write",
    { send, locales: ["fr"], words: { fr: linkWords.en } },
    'send: ["en","de"] will not do. Write templates: { fr: … } for it.',
  ],
  ["a name that every object has", { send, locales: ["constructor"] }, "locales:"],
  ["links for a week", { send, lifetime: "7d" }, 'lifetime: "7d" will not do.'],
  ["no time at all", { send, lifetime: 0 }, "magicLink.lifetime: 0 will not do."],
  [
    "four digits",
    { send, code: { digits: 4 } },
    'code: {"digits":4} will not do. Write true, or { digits: 6 }.',
  ],
  ["a code that is neither", { send, code: "yes" }, 'code: "yes" will not do.'],
  ["half a mail", { send, limits: { address: { limit: 0.5, window: "1h" } } }, "limits.address.limit: 0.5"],
  [
    "no window",
    { send, limits: { network: { limit: 1, window: "soon" } } },
    "magicLink.limits.network.window",
  ],
  [
    "words with a gap",
    { send, words: { en: { ...linkWords.en, refused: {} } } },
    "Write words: { en: { … } }.",
  ],
  [
    "admission that is none",
    { send, admit: true },
    "magicLink: admit: undefined will not do. Write a function.",
  ],
  ["metadata that is none", { send, metadata: {} }, "metadata:"],
  ["a page that is none", { send, page: "<p>" }, "page:"],
  ["pages that are none", { send, pages: {} }, "pages:"],
  ["a page on another site", { send, pages: () => ({ home: "//evil.example" }) }, 'magicLink.pages("en")'],
  ["a page that is no path", { send, pages: () => ({ signIn: "login" }) }, 'magicLink.pages("en"): "login"'],
])("%s is refused at construction, with what to write instead", (_, options, message) => {
  expect(() =>
    createAuth({
      origin,
      secret,
      stores: memoryStores(),
      sessions: opaque(),
      flows: { magicLink: magicLink(options as Parameters<typeof magicLink>[0]) },
    }),
  ).toThrow(message)
})

test("a missing slot is refused", () => {
  const { challenges: _, ...stores } = memoryStores()
  expect(() =>
    createAuth({
      origin,
      secret,
      stores: stores as never,
      sessions: opaque(),
      flows: { magicLink: magicLink({ send }) },
    }),
  ).toThrow("stores.challenges is missing")
})

test.each<[string, object, string]>([
  ["its cookie as the session's", { cookie: { name: "__Host-magic-link" } }, "cookie.name"],
  ["a link with a parameter", { paths: { magicLinkConfirm: "confirm/:token" } }, "paths.magicLinkConfirm"],
])("%s is refused", (_, options, message) => {
  const flows = { magicLink: magicLink({ send }) }
  expect(() =>
    createAuth({ origin, secret, stores: memoryStores(), sessions: opaque(), flows, ...options }),
  ).toThrow(message)
})

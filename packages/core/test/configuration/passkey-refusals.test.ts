import { expect, test } from "vitest"
import { createAuth, opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { mfa } from "../../src/mfa.js"
import { type PasskeyOptions, passkeyFactor, passkeys } from "../../src/passkey.js"
import { origin, secret } from "../app.js"

const rpName = "Example"
const send = async (): Promise<void> => {}

function authWith(options: object, at = origin): void {
  createAuth({
    origin: at,
    secret,
    stores: memoryStores(),
    sessions: opaque(),
    flows: { passkey: passkeys(options as PasskeyOptions) },
  })
}

test.each<[string, object, string]>([
  ["no name", {}, 'passkeys: rpName: undefined will not do. Write "Example".'],
  ["an empty name", { rpName: " " }, "passkeys: rpName"],
  ["a name that is none", { rpName: 1 }, "passkeys: rpName"],
  [
    "an rpId of another host",
    { rpName, rpId: "evil.example" },
    'rpId: "evil.example" will not do. Write "app.example.com"',
  ],
  ["a look-alike", { rpName, rpId: "ple.com" }, "passkeys: rpId"],
  ["a name below the origin's", { rpName, rpId: "x.app.example.com" }, "passkeys: rpId"],
  ["a top-level domain", { rpName, rpId: "com" }, "passkeys: rpId"],
  ["an origin for an rpId", { rpName, rpId: "https://app.example.com" }, "passkeys: rpId"],
  ["an rpId in capitals", { rpName, rpId: "App.example.com" }, "passkeys: rpId"],
  ["no origins", { rpName, origins: [] }, "passkeys: origins"],
  ["origins that are none", { rpName, origins: "https://app.example.com" }, "passkeys: origins"],
  ["an origin without https", { rpName, origins: ["http://app.example.com"] }, "passkeys: origins"],
  ["an app without its key", { rpName, origins: ["android:apk-key-hash:x"] }, "passkeys: origins"],
  ["no verification at all", { rpName, userVerification: "discouraged" }, "passkeys: userVerification"],
  ["security keys that are neither", { rpName, securityKeys: "yes" }, "passkeys: securityKeys"],
  ["a name for people that is none", { rpName, userName: "email" }, "passkeys: userName"],
  ["no time at all", { rpName, fresh: 0 }, "passkeys.fresh: 0"],
  [
    "half an attempt",
    { rpName, limits: { attempts: { limit: 0.5, window: "1h" } } },
    "limits.attempts.limit: 0.5",
  ],
  ["no window", { rpName, limits: { options: { limit: 1, window: "soon" } } }, "limits.options.window"],
  ["a page on another site", { rpName, pages: { passkeys: "//evil.example" } }, "passkeys.pages.passkeys"],
  ["a sender that is none", { rpName, send: "smtp://localhost" }, "passkeys: send"],
  [
    "a sender without a language",
    { rpName, send: Object.assign(send, { locales: ["en"] }), locales: ["fr"] },
    "passkeys: locales",
  ],
])("%s is refused at construction, with what to write instead", (_, options, message) => {
  expect(() => authWith(options)).toThrow(message)
})

test.each(["http://127.0.0.1:3000", "http://[::1]:3000"])("an address is no relying party: %s", (address) => {
  expect(() => authWith({ rpName }, address)).toThrow("passkeys: rpId")
})

test.each<[string, object, string?]>([
  ["the origin's own name", {}],
  ["one above it", { rpId: "example.com" }],
  ["localhost", {}, "http://localhost:3000"],
])("%s will do", (_, options, at) => {
  expect(() => authWith({ rpName, ...options }, at)).not.toThrow()
})

test("the factor is held to the same", () => {
  const build = (options: object) => () =>
    createAuth({
      origin,
      secret,
      stores: memoryStores(),
      sessions: opaque(),
      flows: { mfa: mfa({ factors: [passkeyFactor(options)], send }) },
    })
  expect(build({})).not.toThrow()
  expect(build({ rpId: "evil.example" })).toThrow("passkeyFactor: rpId")
  expect(build({ userVerification: "maybe" })).toThrow("passkeyFactor: userVerification")
})

test("a session cookie with the flow's name is refused", () => {
  expect(() =>
    createAuth({
      origin,
      secret,
      stores: memoryStores(),
      sessions: opaque(),
      cookie: { name: "__Host-passkey" },
      flows: { passkey: passkeys({ rpName }) },
    }),
  ).toThrow("another name")
})

/** Passkeys in Chromium, with a virtual authenticator: nothing of the ceremony is played. */

import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type AuthEvent, createAuth, opaque } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { mfa, recoveryCodes } from "@mortise/core/mfa"
import { passkeyFactor, passkeys } from "@mortise/core/passkey"
import { password } from "@mortise/core/password"
import { testHasher } from "@mortise/core/testing"
import type { Browser, CDPSession, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { launchBrowser } from "../../../tools/e2e/visit.js"
import { ada, answerFrom } from "../test/real-host.js"
import { bundled } from "./pages/bundle.js"

let browser: Browser
let script: string
beforeAll(async () => {
  script = await bundled("passkey")
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const page = `<!doctype html><title>Test</title><link rel="icon" href="data:,">
  <form><input name="email" autocomplete="username webauthn"></form><script type="module" src="/page.js"></script>`

/** A host with passkeys, as a way in and as a second factor; ada has an account. */
async function startHost(secondFactor = false) {
  const server = createServer().listen(0, "127.0.0.1")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, "listening")
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const events: AuthEvent[] = []
  const own = {
    passkey: passkeys({ rpName: "Example", securityKeys: true }),
    password: password({ hasher: testHasher() }),
  }
  const auth = createAuth({
    origin: url,
    secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
    stores: memoryStores(),
    sessions: opaque(),
    flows: secondFactor
      ? { ...own, mfa: mfa({ factors: [passkeyFactor(), recoveryCodes()], async send() {} }) }
      : own,
    on: (event) => void events.push(event),
  })
  const steps = auth.flows as unknown as {
    readonly password: { register(who: typeof ada): Promise<unknown> }
  }
  await steps.password.register(ada)
  server.on(
    "request",
    answerFrom(url, async (request) => {
      const { pathname } = new URL(request.url)
      if (auth.owns(pathname)) return auth.handle(request, "192.0.2.1")
      const type = pathname === "/page.js" ? "text/javascript" : "text/html"
      return new Response(pathname === "/page.js" ? script : page, { headers: { "content-type": type } })
    }),
  )
  return { url, events }
}

interface Visit {
  readonly page: Page
  readonly devTools: CDPSession
  readonly authenticatorId: string
}

/** A browser of somebody's, with an authenticator in it. */
async function visit(url: string, { verifies = true, synced = false } = {}): Promise<Visit> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const tab = await context.newPage()
  await tab.goto(url)
  const devTools = await context.newCDPSession(tab)
  await devTools.send("WebAuthn.enable")
  const { authenticatorId } = await devTools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: verifies ? "internal" : "usb",
      hasResidentKey: true,
      hasUserVerification: verifies,
      isUserVerified: verifies,
      automaticPresenceSimulation: true,
      ...(synced ? { defaultBackupEligibility: true, defaultBackupState: true } : {}),
    },
  })
  await tab.bringToFront()
  await tab.waitForFunction("window.passkeys !== undefined")
  return { page: tab, devTools, authenticatorId }
}

/** Runs an expression in the page: `passkeys.signIn()`. */
async function run(tab: Page, expression: string): Promise<Readonly<Record<string, unknown>>> {
  return (await tab.evaluate(expression)) as Readonly<Record<string, unknown>>
}

async function signedIn(tab: Page): Promise<unknown> {
  return (await run(tab, `fetch("/auth/session").then((answer) => answer.json())`))["user"]
}

const login = `client.login(${JSON.stringify(ada)})`

describe.each([
  ["of one device", false, "hwk"],
  ["synced", true, "swk"],
] as const)("a passkey %s", (_, synced, method) => {
  test("is made, signs in without a password by a click and by autofill, and is removed", async () => {
    const { url } = await startHost()
    const { authenticatorId, devTools, page: tab } = await visit(url, { synced })
    expect(await run(tab, login)).toMatchObject({ ok: true })
    expect(await run(tab, `passkeys.register({ name: "This browser" })`)).toMatchObject({
      ok: true,
      passkey: { name: "This browser", use: "sign_in", backedUp: synced },
    })
    const { credentials } = await devTools.send("WebAuthn.getCredentials", { authenticatorId })
    expect(credentials).toMatchObject([
      { rpId: "localhost", isResidentCredential: true, userName: ada.email },
    ])
    // Its authenticator has one already, and makes no other.
    expect(await run(tab, "passkeys.register()")).toMatchObject({ ok: false, reason: "passkey_cancelled" })

    for (const enter of ["passkeys.signIn()", "passkeys.autofill()"]) {
      await run(tab, "client.logout()")
      expect(await signedIn(tab)).toBeNull()
      await tab.reload()
      await tab.waitForFunction("window.passkeys !== undefined")
      expect([enter, await run(tab, enter)]).toMatchObject([
        enter,
        { ok: true, session: { methods: [method, "user", "mfa"] } },
      ])
      expect(await signedIn(tab)).not.toBeNull()
      expect(await tab.evaluate("client.get().status")).toBe("signed_in")
    }

    const { passkeys: list } = await run(tab, "client.passkeys()")
    const [{ id } = { id: "" }] = list as { id: string }[]
    expect(await run(tab, `client.passkeyRemove({ passkey: "${id}" })`)).toMatchObject({ ok: true })
    await run(tab, "client.logout()")
    expect(await run(tab, "passkeys.signIn()")).toMatchObject({ ok: false, reason: "passkey_invalid" })
  })
})

test("a browser that converts nothing by itself gets in the same way", async () => {
  const { url } = await startHost()
  const { page: tab } = await visit(url)
  await tab.evaluate(() => {
    for (const name of ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"])
      Reflect.deleteProperty(PublicKeyCredential, name)
    Reflect.deleteProperty(PublicKeyCredential.prototype, "toJSON")
  })
  await run(tab, login)
  expect(await run(tab, "passkeys.register()")).toMatchObject({
    ok: true,
    passkey: { transports: ["internal"] },
  })
  expect(await run(tab, "passkeys.register()")).toMatchObject({ reason: "passkey_cancelled" })
  await run(tab, "client.logout()")
  expect(await run(tab, "passkeys.signIn()")).toMatchObject({ ok: true })
})

test("autofill ends when it is told to, and when a click asks instead", async () => {
  const { url } = await startHost()
  const { authenticatorId, devTools, page: tab } = await visit(url)
  await run(tab, login)
  await run(tab, "passkeys.register()")
  await run(tab, "client.logout()")
  // Nobody chooses.
  await devTools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false })
  const stopped = `(async () => {
    const stop = new AbortController()
    const waiting = passkeys.autofill(stop.signal)
    setTimeout(() => stop.abort(), 300)
    return waiting
  })()`
  expect(await run(tab, stopped)).toMatchObject({ ok: false, reason: "passkey_cancelled" })
  await run(tab, `(async () => { window.waiting = passkeys.autofill() })()`)
  await tab.waitForTimeout(300)
  await devTools.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: true })
  expect(await run(tab, "passkeys.signIn()")).toMatchObject({ ok: true })
  expect(await run(tab, "window.waiting")).toMatchObject({ ok: false, reason: "passkey_cancelled" })
})

test("a copied authenticator is found out by its counter", async () => {
  const { events, url } = await startHost()
  const { authenticatorId, devTools, page: tab } = await visit(url)
  await run(tab, login)
  await run(tab, "passkeys.register()")
  await run(tab, "client.logout()")
  const { credentials } = await devTools.send("WebAuthn.getCredentials", { authenticatorId })
  const [copy] = credentials
  expect(await run(tab, "passkeys.signIn()")).toMatchObject({ ok: true })
  await run(tab, "client.logout()")
  if (!copy) throw new Error("no credential")
  await devTools.send("WebAuthn.removeCredential", { authenticatorId, credentialId: copy.credentialId })
  await devTools.send("WebAuthn.addCredential", { authenticatorId, credential: { ...copy, signCount: 0 } })
  expect(await run(tab, "passkeys.signIn()")).toMatchObject({ ok: false, reason: "passkey_invalid" })
  expect(events.at(-1)).toMatchObject({ type: "sign_in.refused", cause: "passkey_copied" })
})

test("a security key without a PIN is the second factor after the password, and signs nobody in alone", async () => {
  const { url } = await startHost(true)
  const { page: tab } = await visit(url, { verifies: false })
  await run(tab, login)
  expect(await run(tab, `passkeys.register({ use: "second_factor" })`)).toMatchObject({
    ok: true,
    passkey: { use: "second_factor", transports: ["usb"] },
  })
  await run(tab, "client.logout()")
  expect(await run(tab, login)).toMatchObject({ ok: false, reason: "mfa_required" })
  expect(await signedIn(tab)).toBeNull()
  const verified = `(async () => {
    const post = async (path, body) => {
      const headers = { "content-type": "application/json" }
      return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).json()
    }
    const { options } = await post("/auth/mfa/begin", { factor: "passkey" })
    const response = await passkeys.answer(options)
    return post("/auth/mfa/verify", { factor: "passkey", response })
  })()`
  expect(await run(tab, verified)).toMatchObject({ session: { methods: ["pwd", "hwk", "user", "mfa"] } })
  expect(await signedIn(tab)).not.toBeNull()
})

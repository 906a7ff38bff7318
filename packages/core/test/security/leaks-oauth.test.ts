/** What passes between browser, host and provider, and must be nowhere else: codes, states, verifiers, bindings, the client's secret, tokens. */
import { inspect } from "node:util"
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest"
import { logFault } from "../../src/http/fault-log.js"
import { memoryStores } from "../../src/memory.js"
import { encryptedTokens, oauth, ProviderError } from "../../src/oauth.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada, secret } from "../app.js"
import { account } from "../oauth/accounts.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import type { RecordedRequest } from "../oauth/hostile-provider/recorded-request.js"
import {
  comeBack,
  depart,
  type OAuthHost,
  oauthApp,
  remoteOidc,
  signInThrough,
  whoIs,
} from "../oauth/oauth-app.js"
import { overheardStores } from "../oauth/overheard-stores.js"
import { bindingOf } from "./every-flow.js"

const clientSecret = "canary-client-secret-5b1f09d3"
const remote = await startHostileProvider({ clientSecret })
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

/** Everything that must not be repeated, by what it is, as it comes up. */
function secretsOf(): { readonly all: Map<string, string>; note(what: string, value: unknown): void } {
  const all = new Map([
    [clientSecret, "client secret"],
    [secret, "the host's secret"],
  ])
  const note = (what: string, value: unknown): void => {
    if (typeof value === "string" && value.length > 15) all.set(value, what)
  }
  return { all, note }
}

/** Notes every token that the provider grants. */
function noteGrants(note: (what: string, value: unknown) => void): void {
  remote.lie({
    token: (truth) => {
      for (const [name, value] of Object.entries(truth)) if (name.endsWith("_token")) note(name, value)
      return truth
    },
  })
}

/** What was sent to the provider by browser and host: taken from its log. */
function noteRequests(
  note: (what: string, value: unknown) => void,
  requests: readonly RecordedRequest[],
): void {
  for (const { form, headers, url } of requests) {
    for (const name of ["state", "nonce"]) note(name, url.searchParams.get(name))
    for (const name of ["code", "code_verifier", "refresh_token"]) note(name, form.get(name))
    note("authorization", headers.authorization?.replace(/^\w+ /, ""))
  }
}

/** A host of which everything is heard that a log, a page or a script could hear. */
function listeningHost(options: Parameters<typeof oauthApp>[1] = {}) {
  const { heard: inStores, stores } = overheardStores(memoryStores())
  const host = oauthApp(remote, { ...options, stores })
  return { ...host, inStores }
}

type Listening = ReturnType<typeof listeningHost>

/** What an answer says, but for the two things that are the browser's own: its cookies, and the address at the provider. */
async function said(answer: Response): Promise<string> {
  const headers = [...answer.headers].filter(
    ([name, value]) => name !== "set-cookie" && !(name === "location" && value.startsWith(remote.origin)),
  )
  const text = await answer.text()
  return `${JSON.stringify(headers)} ${text.includes(`${remote.origin}/authorize`) ? "" : text}`
}

/** Everything that the flow can do, with everything that it answers. */
async function everything(
  host: Listening,
  note: (what: string, value: unknown) => void,
): Promise<readonly string[]> {
  const answers: string[] = []
  const send = async (browser: TestClient, method: string, path: string, json?: object): Promise<void> => {
    const answer = await browser.send(method, path, json ? { json } : {})
    answers.push(await said(answer))
  }
  const trip = async (browser: TestClient, link = false): Promise<void> => {
    const { parameters } = await depart(browser, remote, { link, returnTo: "/x" })
    note("code", parameters.get("code"))
    note("state", parameters.get("state"))
    note("binding", bindingOf(browser))
    answers.push(await said(await comeBack(browser, parameters)))
    answers.push(await said(await comeBack(browser, parameters)))
    note("session", browser.cookies.get("__Host-session")?.slice(23))
  }

  const browser = host.browser()
  await trip(browser)
  await trip(browser)
  remote.user = { ...remote.user, sub: "2", email: "b@example.com" }
  await trip(browser, true)
  await send(browser, "GET", "/auth/oauth/identities")
  const [identity] = await host.auth.flows.oauth.identities((await whoIs(browser)) ?? "")
  await send(browser, "POST", "/auth/oauth/unlink", { identity: identity?.id })
  await send(browser, "GET", "/auth/session")
  await send(browser, "GET", "/auth/sessions")
  for (const step of ["confirm", "claim", "cancel"]) {
    const email = `${step}@example.com`
    await account(host, { email })
    remote.user = { sub: step, email, email_verified: true }
    const visitor = host.browser()
    await trip(visitor)
    await send(visitor, "GET", "/auth/oauth/pending")
    if (step === "confirm") await send(visitor, "POST", "/auth/login", { ...ada, email })
    await send(visitor, "POST", `/auth/oauth/${step}`, {})
  }
  remote.lie({ authorization: { error: "access_denied", code: undefined } })
  await trip(host.browser())
  return answers
}

function shown(host: OAuthHost): readonly string[] {
  const { auth } = host
  const deep = { depth: 12, showHidden: true, getters: true } as const
  const provider = remoteOidc(remote)
  return [
    inspect(auth, deep),
    inspect(auth.flows.oauth, deep),
    inspect(auth.sessions, deep),
    inspect(provider, deep),
    inspect(oauth({ providers: [provider], tokens: encryptedTokens() }), deep),
    JSON.stringify([auth, auth.flows, provider]),
  ]
}

function expectNone(secrets: ReadonlyMap<string, string>, texts: Readonly<Record<string, string>>): void {
  for (const [where, text] of Object.entries(texts)) {
    for (const [value, what] of secrets) {
      for (const one of [value, encodeURIComponent(value), Buffer.from(value).toString("base64")])
        expect([where, what, text.includes(one)]).toEqual([where, what, false])
    }
  }
}

describe("nothing of it is repeated", () => {
  test.each([
    ["thrown away", undefined],
    ["kept", encryptedTokens()],
  ])(
    "in a host whose tokens are %s: no event, fault, answer, log line, session, inspection or store",
    async (_, tokens) => {
      const host = listeningHost(tokens ? { oauth: { tokens } } : {})
      const { all, note } = secretsOf()
      noteGrants(note)
      const answers = await everything(host, note)
      noteRequests(note, remote.requests.all)
      const [user] = await host.stores.users.list({ limit: 1 })
      if (tokens) {
        host.clock.advance(3_550_000)
        await host.auth.flows.oauth.accessToken(user?.id ?? "", "remote").catch(() => {})
        noteRequests(note, remote.requests.token)
      }
      const kinds = new Set(all.values())
      for (const what of [
        "access_token",
        "refresh_token",
        "id_token",
        "code",
        "state",
        "nonce",
        "code_verifier",
        "binding",
        "session",
      ])
        expect(kinds).toContain(what)
      expect(answers.length).toBeGreaterThan(20)
      expectNone(all, {
        answers: answers.join("\n"),
        events: JSON.stringify(host.events),
        faults: inspect(host.faults, { depth: 9, showHidden: true }),
        sessions: inspect(await host.auth.sessions.list(user?.id ?? ""), { depth: 9 }),
        inspections: shown(host).join("\n"),
        // Where tokens are thrown away there is nothing to seal, either.
        stores: host.inStores(),
      })
      expect(host.inStores().includes('"tokens')).toBe(tokens !== undefined)
    },
    60_000,
  )

  test("an e-mail address reaches no event", async () => {
    const host = listeningHost()
    await everything(host, () => {})
    expect(host.events.length).toBeGreaterThan(20)
    expect(JSON.stringify(host.events)).not.toMatch(/@|%40/)
  })
})

describe("a provider that repeats what it was sent", () => {
  /** Each sends back, in every text that it may choose, what only browser, host and provider should know. */
  const echoes: Readonly<Record<string, (request: RecordedRequest) => string>> = {
    "the code": ({ form }) => form.get("code") ?? "",
    "the verifier": ({ form }) => form.get("code_verifier") ?? "",
    "the client's secret": () => clientSecret,
    "the refresh token": ({ form }) => form.get("refresh_token") ?? form.get("code") ?? "",
  }

  test.each(Object.keys(echoes))(
    "%s as an error of the token endpoint: not in event, log, answer",
    async (name) => {
      const host = listeningHost({ oauth: { tokens: encryptedTokens() } })
      const lines: string[] = []
      vi.spyOn(console, "error").mockImplementation(
        (...parts: unknown[]) => void lines.push(parts.map(String).join(" ")),
      )
      const browser = host.browser()
      await signInThrough(browser, remote)
      const userId = (await whoIs(browser)) ?? ""
      const { all, note } = secretsOf()
      const echoed = new Set<string>()
      for (const status of [400, 200, 503]) {
        remote.lies = {
          answers: {
            token: (request) => {
              const echo = echoes[name]?.(request) ?? ""
              note(name, echo)
              echoed.add(echo)
              return {
                status,
                raw: JSON.stringify({ error: echo, error_description: echo, error_uri: echo }),
              }
            },
          },
        }
        const { parameters } = await depart(browser, remote)
        const answer = await said(await comeBack(browser, parameters))
        host.clock.advance(3_550_000)
        const fault: unknown = await host.auth.flows.oauth
          .accessToken(userId, "remote")
          .catch((error: unknown) => error)
        logFault(fault)
        host.clock.advance(-3_550_000)
        expect(fault).toBeInstanceOf(ProviderError)
        noteRequests(note, remote.requests.token)
        expectNone(all, {
          answer,
          events: JSON.stringify(host.events),
          fault: inspect(fault, { depth: 9, showHidden: true }),
          log: lines.join("\n"),
        })
      }
      expect(echoed.size).toBeGreaterThan(0)
    },
  )

  test("the state as an error in the browser's way back: not in event or answer", async () => {
    const host = listeningHost()
    const browser = host.browser()
    const { parameters } = await depart(browser, remote)
    const state = parameters.get("state") ?? ""
    for (const name of ["error", "error_description", "error_uri"]) parameters.set(name, state)
    parameters.delete("code")
    const answer = await said(await comeBack(browser, parameters))
    expectNone(new Map([[state, "state"]]), { answer, events: JSON.stringify(host.events) })
  })
})

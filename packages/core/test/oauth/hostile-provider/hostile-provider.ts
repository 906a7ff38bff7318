import { type Clock, systemClock } from "../../../src/clock.js"
import { sendAnswer } from "./answer.js"
import type { ClientAuthentication, ProviderUser, RegisteredClient } from "./authorization.js"
import { answerTo, authorized, type ProviderState } from "./endpoints.js"
import { grantBook } from "./grant-book.js"
import { type Lies, withLies } from "./lies.js"
import { startLoopbackServer } from "./loopback-server.js"
import { endpointOf, type RecordedRequest, type RequestLog, requestLog } from "./recorded-request.js"
import { type Algorithm, newSigningKey, type SigningKey } from "./signing-key.js"

/** How a provider is before it is told to lie. */
export interface HostileProviderOptions {
  readonly clientId?: string
  /** Empty for a public client. */
  readonly clientSecret?: string
  /** Default: `basic` and `post`; for a public client `none`. */
  readonly authentication?: readonly ClientAuthentication[]
  /** Compared as text. Default: any absolute address. */
  readonly redirectUris?: readonly string[]
  /** Default `required`. */
  readonly pkce?: "required" | "optional"
  /**
   * Who it says it is, with a path if need be; default: its own origin. For another origin the client has to ask
   * by `provider.fetch`. `{tenantid}` stands for the user's `tid`, as with Microsoft.
   */
  readonly issuer?: string
  /** Where it listens, and its name in `origin`. Default `127.0.0.1`. */
  readonly hostname?: string
  /** For every instant that it writes or checks. Delays are real. */
  readonly clock?: Clock
  /** Of the first signing key. Default `RS256`. */
  readonly alg?: Algorithm
}

/** A provider under a test's control: correct by default, and able to lie in every field. */
export interface HostileProvider {
  readonly origin: string
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** An address of this server that no client should ever ask; it answers with the stranger's JWKS. */
  readonly trap: string
  /** What was asked since the start or the last reset. */
  readonly requests: RequestLog
  /** The key that signs, the keys that are published, and one of the same algorithm that is not. */
  readonly key: SigningKey
  readonly keys: readonly SigningKey[]
  readonly stranger: SigningKey
  /** Brings every request here, whatever host it names; `requests` show the address that was meant. */
  readonly fetch: typeof fetch
  /** All that is lied about at present; setting it forgets earlier lies. */
  lies: Lies
  /** Who signs in from now on. A grant keeps the user it was given by. */
  user: ProviderUser
  /** Lies about this too. */
  lie(more: Lies): void
  /**
   * What the browser would bring back to redirect_uri: signs the user in without one.
   *
   * @throws {DefectiveAuthorizationRequest} when no provider would take the request
   */
  authorize(url: string | URL): URLSearchParams
  /** Signs with a new key; the earlier ones are no longer published unless `earlier` says `keep`. */
  rotateKeys(options?: { readonly alg?: Algorithm; readonly earlier?: "keep" | "drop" }): SigningKey
  /** As if freshly started, with its first key; codes and tokens are forgotten. */
  reset(): void
  stop(): Promise<void>
}

const ada: ProviderUser = {
  sub: "248289761001",
  email: "ada@example.com",
  email_verified: true,
  name: "Ada Lovelace",
  picture: "https://images.example.com/ada.png",
}

/** What a test and the requests change, and a reset forgets. */
interface Changeable {
  lies: Lies
  user: ProviderUser
  keys: readonly [SigningKey, ...SigningKey[]]
  requests: readonly RecordedRequest[]
}

/** Starts a provider on this machine. One can serve a whole file of tests that call `reset()` in between. */
export async function startHostileProvider(options: HostileProviderOptions = {}): Promise<HostileProvider> {
  const clock = options.clock ?? systemClock
  const secret = options.clientSecret ?? "what-only-the-client-knows"
  const client: RegisteredClient = {
    id: options.clientId ?? "mortise",
    secret,
    authentication: options.authentication ?? (secret === "" ? ["none"] : ["basic", "post"]),
    ...(options.redirectUris ? { redirectUris: options.redirectUris } : {}),
    pkce: options.pkce ?? "required",
  }
  const firstKey = newSigningKey(options.alg ?? "RS256")
  const strangers = new Map<Algorithm, SigningKey>()
  const stranger = (): SigningKey => {
    const { alg } = state.keys[0]
    const key = strangers.get(alg) ?? newSigningKey(alg)
    strangers.set(alg, key)
    return key
  }
  let state = fresh()

  function fresh(): Pick<ProviderState, "book"> & Changeable {
    const book = grantBook(clock, (check) => !state.lies.unchecked?.includes(check))
    return { lies: {}, user: ada, keys: [firstKey], requests: [], book }
  }

  function current(): ProviderState {
    return { clock, client, issuer, stranger, ...state }
  }

  function record(url: URL, seen: Pick<RecordedRequest, "method" | "headers" | "body">): RecordedRequest {
    const endpoint = endpointOf(url.pathname, issuer)
    const request = { endpoint, url, ...seen, form: new URLSearchParams(seen.body) }
    state.requests = [...state.requests, request]
    return request
  }

  const server = await startLoopbackServer(
    options.hostname ?? "127.0.0.1",
    async ({ message: { method = "", headers }, url, body }, response) => {
      const request = record(url, { method, headers, body })
      const lies = state.lies.answers?.[request.endpoint] ?? {}
      const answerLies = typeof lies === "function" ? lies(request) : lies
      await sendAnswer(response, answerTo(request, current()), answerLies)
    },
  )
  const issuer = options.issuer ?? server.origin

  return {
    origin: server.origin,
    issuer,
    clientId: client.id,
    clientSecret: client.secret,
    trap: `${server.origin}/trap`,
    fetch: server.fetch,
    get requests() {
      return requestLog(state.requests)
    },
    get key() {
      return state.keys[0]
    },
    get keys() {
      return state.keys
    },
    get stranger() {
      return stranger()
    },
    get lies() {
      return state.lies
    },
    set lies(lies) {
      state.lies = lies
    },
    get user() {
      return state.user
    },
    set user(user) {
      state.user = user
    },
    lie(more) {
      state.lies = withLies(state.lies, more)
    },
    authorize(url) {
      const request = record(new URL(url), { method: "GET", headers: {}, body: "" })
      return authorized(request, current()).parameters
    },
    rotateKeys({ alg = state.keys[0].alg, earlier = "drop" } = {}) {
      const key = newSigningKey(alg)
      state.keys = earlier === "keep" ? [key, ...state.keys] : [key]
      return key
    },
    reset() {
      state = fresh()
    },
    stop: () => server.stop(),
  }
}

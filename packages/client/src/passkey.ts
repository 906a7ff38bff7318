import type { CreationOptions, PasskeyUse, RequestOptions } from "@mortise/core/passkey"
import { answerJson, creationOptionsOf, requestOptionsOf } from "./credential-json.js"
import { type CallOutcome, type Failure, failure } from "./outcome.js"

/** The calls of an `AuthClient` whose host has `passkeys()`. */
export interface PasskeyRoutes<Registered extends CallOutcome, SignedIn extends CallOutcome> {
  /** What a browser makes a passkey of. */
  passkeyRegisterOptions(wish?: {
    readonly use?: PasskeyUse | undefined
  }): Promise<CallOutcome<{ readonly options: CreationOptions }>>
  /** Hands in the new passkey, as the browser answered it. */
  passkeyRegister(answer: {
    readonly response: object
    readonly name?: string | undefined
  }): Promise<Registered>
  /** What a browser asks an authenticator for. */
  passkeySignInOptions(): Promise<CallOutcome<{ readonly options: RequestOptions }>>
  /** Hands in what the authenticator signed. */
  passkeySignIn(answer: { readonly response: object }): Promise<SignedIn>
}

/** What a page does with passkeys. One request to authenticators at a time: the next ends the one before, as browsers want it. */
export interface PasskeyClient<
  Registered extends CallOutcome = CallOutcome,
  SignedIn extends CallOutcome = CallOutcome,
> {
  /** Whether this browser knows passkeys at all. */
  readonly supported: boolean
  /** Whether it offers them while somebody fills in a form. */
  canAutofill(): Promise<boolean>
  /** Makes a passkey for whoever is signed in. For a click: a browser may ask for one. */
  register(wish?: { readonly name?: string; readonly use?: PasskeyUse }): Promise<Registered | Failure>
  /** Signs in by a passkey that the browser lets its user choose. For a click. */
  signIn(): Promise<SignedIn | Failure>
  /**
   * Waits until somebody chooses a passkey in a form (an `<input autocomplete="username webauthn">` must be there), then signs in. Call it when the page
   * opens. Resolves with `passkey_cancelled` when `signal` says so, when something else is asked of authenticators, or where the browser cannot.
   */
  autofill(signal?: AbortSignal): Promise<SignedIn | Failure>
  /** The answer to options that came otherwise, for example from `mfaBegin({ factor: "passkey" })`; undefined where there is none. */
  answer(options: RequestOptions): Promise<object | undefined>
}

/** The server keeps a challenge for five minutes; what waits longer asks for a new one before. */
const renewMs = 240_000

const cancelled = failure("passkey_cancelled", 0, "No passkey was chosen.")

/** Passkeys over the calls of a client: `passkeysOver(createAuthClient<typeof auth>())`. On a server it does nothing. */
export function passkeysOver<Registered extends CallOutcome, SignedIn extends CallOutcome>(
  client: PasskeyRoutes<Registered, SignedIn>,
): PasskeyClient<Registered, SignedIn> {
  const known = globalThis.PublicKeyCredential
  let current: AbortController | undefined

  /** Asks the browser, after whatever was asked before; undefined for "no", whatever the reason. */
  async function ask(
    how: (signal: AbortSignal) => Promise<Credential | null>,
    controller = new AbortController(),
  ): Promise<object | undefined> {
    current?.abort()
    current = controller
    try {
      const credential = await how(controller.signal)
      return credential instanceof PublicKeyCredential ? answerJson(credential) : undefined
    } catch {
      return undefined
    } finally {
      if (current === controller) current = undefined
    }
  }

  function assertionFor(options: RequestOptions): Promise<object | undefined> {
    return ask((signal) => navigator.credentials.get({ publicKey: requestOptionsOf(options), signal }))
  }

  /** One round of autofill: until somebody chooses, or the challenge grows old, or something else wants the authenticator. */
  async function chosen(options: RequestOptions, signal?: AbortSignal): Promise<object | "old" | undefined> {
    const controller = new AbortController()
    const stop = (): void => controller.abort()
    let old = false
    const timer = setTimeout(() => {
      old = true
      stop()
    }, renewMs)
    signal?.addEventListener("abort", stop)
    try {
      const publicKey = requestOptionsOf(options)
      const answer = await ask(
        () => navigator.credentials.get({ publicKey, mediation: "conditional", signal: controller.signal }),
        controller,
      )
      return answer ?? (old ? "old" : undefined)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener("abort", stop)
    }
  }

  async function canAutofill(): Promise<boolean> {
    return (await known?.isConditionalMediationAvailable?.()) ?? false
  }

  return {
    supported: known !== undefined,
    canAutofill,
    async register({ name, use } = {}) {
      const asked = await client.passkeyRegisterOptions({ use })
      if (!asked.ok) return asked
      const publicKey = creationOptionsOf(asked.options)
      const response = await ask((signal) => navigator.credentials.create({ publicKey, signal }))
      return response ? client.passkeyRegister({ response, name }) : cancelled
    },
    async signIn() {
      const asked = await client.passkeySignInOptions()
      if (!asked.ok) return asked
      const response = await assertionFor(asked.options)
      return response ? client.passkeySignIn({ response }) : cancelled
    },
    async autofill(signal) {
      if (!(await canAutofill())) return cancelled
      while (!signal?.aborted) {
        const asked = await client.passkeySignInOptions()
        if (!asked.ok) return asked
        if (signal?.aborted) break
        const response = await chosen(asked.options, signal)
        if (response === undefined) break
        if (response !== "old") return client.passkeySignIn({ response: response as object })
      }
      return cancelled
    },
    answer: assertionFor,
  }
}

export type { CallOutcome, Failure } from "./outcome.js"

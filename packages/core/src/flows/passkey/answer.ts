/*
 * What a browser says an authenticator has answered (WebAuthn §5.1.8, `PublicKeyCredential.toJSON()`), before anything of it is believed. Here it
 * becomes what it claims to be, or nothing: every text is base64url in its one spelling, nothing is longer than it can be.
 */
import { decodeBase64url, encodeBase64url } from "../../crypto/base64url.js"

/** A new credential. */
export interface RegistrationAnswer {
  readonly id: string
  readonly challenge: string
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports: readonly string[]
  }
}

/** The use of a credential. */
export interface AssertionAnswer {
  readonly id: string
  readonly challenge: string
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle?: string
  }
}

/** A credential's id has at most 1,023 bytes (WebAuthn §4). */
const longestId = 1_364
/** More than any of its parts has; a body has at most 16 KiB. */
const longestPart = 12_288

/** `usb`, `nfc`, `ble`, `smart-card`, `hybrid`, `internal` today (WebAuthn §5.8.4); what comes later is kept, since it is a hint for the browser alone. */
const transport = /^[a-z][a-z-]{0,31}$/

/** Undefined for what is no registration, or was made in a frame of another site's page. */
export function registrationIn(answer: unknown): RegistrationAnswer | undefined {
  const { id, response } = partsOf(answer)
  const clientDataJSON = textIn(response, "clientDataJSON")
  const attestationObject = textIn(response, "attestationObject")
  const challenge = challengeIn(clientDataJSON)
  if (!id || !clientDataJSON || !attestationObject || !challenge) return undefined
  return {
    id,
    challenge,
    response: { clientDataJSON, attestationObject, transports: transportsIn(response) },
  }
}

/** Undefined for what is no assertion, or was made in a frame of another site's page. */
export function assertionIn(answer: unknown): AssertionAnswer | undefined {
  const { id, response } = partsOf(answer)
  const clientDataJSON = textIn(response, "clientDataJSON")
  const authenticatorData = textIn(response, "authenticatorData")
  const signature = textIn(response, "signature")
  const challenge = challengeIn(clientDataJSON)
  if (!id || !clientDataJSON || !authenticatorData || !signature || !challenge) return undefined
  const given = fieldOf(response, "userHandle")
  const userHandle = textIn(response, "userHandle")
  // Left out, or null, by whoever has none; anything else must be one.
  if ((given ?? "") !== "" && !userHandle) return undefined
  const required = { clientDataJSON, authenticatorData, signature }
  return { id, challenge, response: userHandle ? { ...required, userHandle } : required }
}

function partsOf(answer: unknown): { id: string | undefined; response: unknown } {
  const id = textIn(answer, "id", longestId)
  const whole = id === fieldOf(answer, "rawId") && fieldOf(answer, "type") === "public-key"
  return { id: whole ? id : undefined, response: fieldOf(answer, "response") }
}

/** The challenge that was answered; undefined also if the page that asked stood in a frame of another site's (WebAuthn §5.8.1). */
function challengeIn(clientDataJSON: string | undefined): string | undefined {
  const clientData = jsonIn(clientDataJSON)
  const foreign = fieldOf(clientData, "crossOrigin") ?? false
  if (foreign !== false || fieldOf(clientData, "topOrigin") !== undefined) return undefined
  return textIn(clientData, "challenge", 256)
}

function jsonIn(text: string | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decodeBase64url(text ?? "")))
  } catch {
    return undefined
  }
}

function transportsIn(response: unknown): readonly string[] {
  const given = fieldOf(response, "transports")
  if (!Array.isArray(given)) return []
  const known = given.filter((one): one is string => typeof one === "string" && transport.test(one))
  return [...new Set(known)].slice(0, 8)
}

function fieldOf(value: unknown, name: string): unknown {
  const isObject = typeof value === "object" && value !== null
  return isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}

/** A field that is base64url, not empty, and as its bytes would be written: another spelling of the same bytes would be another key in a store. */
function textIn(value: unknown, name: string, longest = longestPart): string | undefined {
  const text = fieldOf(value, name)
  if (typeof text !== "string" || text === "" || text.length > longest) return undefined
  const bytes = decodeBase64url(text)
  return bytes && encodeBase64url(bytes) === text ? text : undefined
}

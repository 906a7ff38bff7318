/** An authenticator and its browser, in software: what it makes and signs is real, and it lies on request. */
import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto"
import type { CreationOptions, RequestOptions } from "../../src/passkey.js"
import { cbor } from "./cbor.js"

export type Algorithm = "ES256" | "EdDSA" | "RS256" | "ES384"

/** What the authenticator is like. */
export interface AuthenticatorOptions {
  readonly origin: string
  readonly algorithm?: Algorithm
  /** Whether its keys are synced; those count no uses. Default false. */
  readonly synced?: boolean
  /** Whether it makes sure of its user. Default true. */
  readonly verifies?: boolean
}

/** What an answer says instead of the truth. What is signed is signed with the lie in it. */
export interface Lie {
  readonly type?: string
  readonly origin?: string
  readonly challenge?: string
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  readonly rpId?: string
  readonly present?: boolean
  readonly verified?: boolean
  /** Says that it can be synced, or not. */
  readonly eligible?: boolean
  readonly counter?: number
  readonly userHandle?: string | null
  /** Goes by this id instead of its own. */
  readonly id?: string
  /** The id that the authenticator signs at registration, as against the browser's. */
  readonly signedId?: string
  readonly format?: string
  readonly statement?: ReadonlyMap<string, unknown>
  readonly extra?: Readonly<Record<string, unknown>>
}

/** A key that the authenticator holds. */
export interface HeldKey {
  readonly id: string
  readonly rpId: string
  readonly userHandle: string
  readonly algorithm: Algorithm
  readonly privateKey: KeyObject
  counter: number
}

export interface SoftwareAuthenticator {
  readonly keys: HeldKey[]
  /** `navigator.credentials.create`, then `toJSON()`. @throws if it holds one of those to be excluded */
  create(options: CreationOptions, lie?: Lie): AnswerJson
  /** `navigator.credentials.get`, then `toJSON()`. @throws if it holds none that is asked for */
  get(options: RequestOptions, lie?: Lie, key?: HeldKey): AnswerJson
}

/** What `toJSON()` makes: of what is not there the other has it. */
export interface AnswerJson {
  readonly id: string
  readonly rawId: string
  readonly type: string
  readonly response: Readonly<Record<string, unknown>>
  readonly clientExtensionResults: object
}

const coseAlgorithm: Readonly<Record<Algorithm, number>> = { ES256: -7, EdDSA: -8, RS256: -257, ES384: -35 }

export function softwareAuthenticator(options: AuthenticatorOptions): SoftwareAuthenticator {
  const { algorithm = "ES256", origin, synced = false, verifies = true } = options
  const keys: HeldKey[] = []

  function clientData(type: string, challenge: string, lie: Lie): Buffer {
    const { crossOrigin = false, topOrigin } = lie
    const said = {
      type: lie.type ?? type,
      challenge: lie.challenge ?? challenge,
      origin: lie.origin ?? origin,
      crossOrigin,
      ...(topOrigin === undefined ? {} : { topOrigin }),
      ...lie.extra,
    }
    return Buffer.from(JSON.stringify(said))
  }

  /** WebAuthn §6.1. */
  function authenticatorData(rpId: string, counter: number, lie: Lie, attested?: Buffer): Buffer {
    const eligible = lie.eligible ?? synced
    const flags =
      (lie.present === false ? 0 : 0x01) |
      ((lie.verified ?? verifies) ? 0x04 : 0) |
      (eligible ? 0x18 : 0) |
      (attested ? 0x40 : 0)
    const head = Buffer.alloc(5)
    head[0] = flags
    head.writeUInt32BE(lie.counter ?? counter, 1)
    return Buffer.concat([sha256(lie.rpId ?? rpId), head, attested ?? Buffer.alloc(0)])
  }

  return {
    keys,
    create({ challenge, excludeCredentials, rp, user }, lie = {}) {
      if (excludeCredentials.some(({ id }) => keys.some((key) => key.id === id)))
        throw new Error("InvalidStateError: it holds one already")
      const id = lie.id ?? randomBytes(32).toString("base64url")
      const { privateKey, publicKey } = keyPair(algorithm)
      const key: HeldKey = {
        id,
        rpId: rp.id,
        userHandle: user.id,
        algorithm,
        privateKey,
        counter: 0,
      }
      keys.push(key)
      const rawId = Buffer.from(lie.signedId ?? id, "base64url")
      const length = Buffer.alloc(2)
      length.writeUInt16BE(rawId.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, rawId, coseKey(algorithm, publicKey)])
      const data = authenticatorData(rp.id, key.counter, lie, attested)
      const attestationObject = cbor(
        new Map<string, unknown>([
          ["fmt", lie.format ?? "none"],
          ["attStmt", lie.statement ?? new Map()],
          ["authData", data],
        ]),
      )
      return answer(id, {
        clientDataJSON: clientData("webauthn.create", challenge, lie).toString("base64url"),
        attestationObject: attestationObject.toString("base64url"),
        transports: ["internal"],
      })
    },
    get({ allowCredentials, challenge, rpId }, lie = {}, chosen) {
      const key =
        chosen ??
        keys.find(
          (one) =>
            one.rpId === rpId &&
            (allowCredentials.length === 0 || allowCredentials.some(({ id }) => id === one.id)),
        )
      if (!key) throw new Error("NotAllowedError: it holds none of these")
      if (!synced) key.counter++
      const data = authenticatorData(key.rpId, key.counter, lie)
      const client = clientData("webauthn.get", challenge, lie)
      const userHandle = lie.userHandle === undefined ? key.userHandle : lie.userHandle
      return answer(lie.id ?? key.id, {
        clientDataJSON: client.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: signed(key, Buffer.concat([data, sha256(client)])).toString("base64url"),
        userHandle,
      })
    },
  }
}

function answer(id: string, response: Readonly<Record<string, unknown>>): AnswerJson {
  return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} }
}

function keyPair(algorithm: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519")
  if (algorithm === "RS256") return generateKeyPairSync("rsa", { modulusLength: 2048 })
  return generateKeyPairSync("ec", { namedCurve: algorithm === "ES256" ? "P-256" : "P-384" })
}

/** RFC 9052 §7, RFC 9053 §7, RFC 8230 §4. */
function coseKey(algorithm: Algorithm, key: KeyObject): Buffer {
  const jwk = key.export({ format: "jwk" })
  const part = (name: keyof JsonWebKey): Buffer => Buffer.from(jwk[name] as string, "base64url")
  const alg: [number, unknown] = [3, coseAlgorithm[algorithm]]
  if (algorithm === "EdDSA") return cbor(new Map<number, unknown>([[1, 1], alg, [-1, 6], [-2, part("x")]]))
  if (algorithm === "RS256")
    return cbor(new Map<number, unknown>([[1, 3], alg, [-1, part("n")], [-2, part("e")]]))
  const curve = algorithm === "ES256" ? 1 : 2
  return cbor(new Map<number, unknown>([[1, 2], alg, [-1, curve], [-2, part("x")], [-3, part("y")]]))
}

function signed({ algorithm, privateKey }: HeldKey, data: Buffer): Buffer {
  const digest = algorithm === "EdDSA" ? null : algorithm === "ES384" ? "sha384" : "sha256"
  return sign(digest, data, privateKey)
}

function sha256(data: Buffer | string): Buffer {
  return createHash("sha256").update(data).digest()
}

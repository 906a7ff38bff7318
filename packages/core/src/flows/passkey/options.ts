import type { User } from "../../stores/ports.js"
import { algorithms, challengeMs, type RelyingParty, type UserVerification } from "./relying-party.js"
import type { HeldPasskey, PasskeyUse } from "./stored-passkey.js"

/** A credential as a browser is told of it. */
export interface CredentialDescriptor {
  readonly type: "public-key"
  readonly id: string
  readonly transports: readonly string[]
}

/** For `navigator.credentials.create`, as `PublicKeyCredential.parseCreationOptionsFromJSON` takes it (WebAuthn §5.1.9). */
export interface CreationOptions {
  readonly rp: { readonly id: string; readonly name: string }
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string }
  readonly challenge: string
  readonly pubKeyCredParams: readonly { readonly type: "public-key"; readonly alg: number }[]
  readonly timeout: number
  readonly excludeCredentials: readonly CredentialDescriptor[]
  readonly authenticatorSelection: {
    readonly authenticatorAttachment?: "cross-platform"
    readonly residentKey: "required" | "discouraged"
    readonly requireResidentKey: boolean
    readonly userVerification: UserVerification | "discouraged"
  }
  readonly attestation: "none"
  readonly extensions: { readonly credProps: true }
}

/** For `navigator.credentials.get`, as `PublicKeyCredential.parseRequestOptionsFromJSON` takes it (WebAuthn §5.1.10). */
export interface RequestOptions {
  readonly challenge: string
  readonly rpId: string
  readonly timeout: number
  /** Empty where whoever comes says who they are. */
  readonly allowCredentials: readonly CredentialDescriptor[]
  readonly userVerification: UserVerification
}

/** What a new passkey is asked for. */
export interface Wanted {
  readonly challenge: string
  readonly rp: RelyingParty
  readonly rpName: string
  readonly user: User
  /** What the user reads when they choose an account. */
  readonly userName: string
  readonly userHandle: string
  readonly use: PasskeyUse
  readonly userVerification: UserVerification
  /** What the user has: no authenticator gets a second one. */
  readonly held: readonly HeldPasskey[]
}

export function creationOptions(wanted: Wanted): CreationOptions {
  const { challenge, held, rp, rpName, use, userHandle, userName, userVerification } = wanted
  return {
    rp: { id: rp.id, name: rpName },
    user: { id: userHandle, name: userName, displayName: userName },
    challenge,
    pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key", alg })),
    timeout: challengeMs,
    excludeCredentials: held.map(descriptorOf),
    authenticatorSelection:
      use === "sign_in"
        ? { residentKey: "required", requireResidentKey: true, userVerification }
        : {
            authenticatorAttachment: "cross-platform",
            residentKey: "discouraged",
            requireResidentKey: false,
            userVerification: "discouraged",
          },
    attestation: "none",
    extensions: { credProps: true },
  }
}

export function requestOptions(
  challenge: string,
  rp: RelyingParty,
  userVerification: UserVerification,
  held: readonly HeldPasskey[] = [],
): RequestOptions {
  return {
    challenge,
    rpId: rp.id,
    timeout: challengeMs,
    allowCredentials: held.map(descriptorOf),
    userVerification,
  }
}

function descriptorOf({ credential, stored }: HeldPasskey): CredentialDescriptor {
  return { type: "public-key", id: credential.handle, transports: stored.transports }
}

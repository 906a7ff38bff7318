/*
 * The one place that knows @simplewebauthn/server. It checks what WebAuthn §7.1 and §7.2 ask of an answer, save what only we know: that the
 * challenge was ours and is used up, whose the credential is, what its counter was.
 */
import {
  type AuthenticatorTransport,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server"
import { decodeAttestationObject } from "@simplewebauthn/server/helpers"
import { decodeBase64url, encodeBase64url } from "../../crypto/base64url.js"
import type { AssertionAnswer, RegistrationAnswer } from "./answer.js"
import { algorithms, type RelyingParty } from "./relying-party.js"
import type { PasskeyUsed, StoredPasskey } from "./stored-passkey.js"

/** What a registration has shown. */
export type NewPasskey = Pick<
  StoredPasskey,
  "publicKey" | "counter" | "transports" | "deviceType" | "backedUp" | "aaguid" | "userVerified"
>

/**
 * The new credential, if the answer is one to this challenge (WebAuthn §7.1). No attestation is asked, so none is believed: what comes is "none", or
 * the credential's own signature; certificates are refused unread. User presence is always asked.
 */
export function newPasskeyIn(
  answer: RegistrationAnswer,
  { id, origins }: RelyingParty,
  requireUserVerification: boolean,
): Promise<NewPasskey | undefined> {
  return valueOrNothing(async () => {
    if (!isUnattested(answer.response.attestationObject)) return undefined
    const { registrationInfo: shown } = await verifyRegistrationResponse({
      response: {
        ...webAuthnJson(answer),
        response: {
          ...answer.response,
          transports: answer.response.transports as AuthenticatorTransport[],
        },
      },
      expectedChallenge: answer.challenge,
      expectedOrigin: [...origins],
      expectedRPID: id,
      requireUserVerification,
      supportedAlgorithmIDs: [...algorithms],
    })
    // What the browser calls it must be what the authenticator has signed.
    if (shown?.credential.id !== answer.id) return undefined
    return {
      publicKey: encodeBase64url(shown.credential.publicKey),
      counter: shown.credential.counter,
      transports: answer.response.transports,
      deviceType: shown.credentialDeviceType,
      backedUp: shown.credentialBackedUp,
      aaguid: shown.aaguid,
      userVerified: shown.userVerified,
    }
  })
}

/**
 * What the use of a credential has shown, if the answer is one to this challenge, signed with its key (WebAuthn §7.2). The counter is compared
 * by whoever writes it: a copy is told only of one that has signed.
 */
export function useIn(
  answer: AssertionAnswer,
  stored: StoredPasskey,
  { id, origins }: RelyingParty,
  requireUserVerification: boolean,
): Promise<PasskeyUsed | undefined> {
  return valueOrNothing(async () => {
    const { authenticationInfo: shown, verified } = await verifyAuthenticationResponse({
      response: { ...webAuthnJson(answer), response: answer.response },
      expectedChallenge: answer.challenge,
      expectedOrigin: [...origins],
      expectedRPID: id,
      requireUserVerification,
      credential: {
        id: answer.id,
        publicKey: decodeBase64url(stored.publicKey) ?? new Uint8Array(),
        counter: 0,
      },
    })
    // Whether it can be synced was settled for good when it was made (§7.2 step 19).
    if (!verified || shown.credentialDeviceType !== stored.deviceType) return undefined
    const { credentialBackedUp: backedUp, newCounter: counter, userVerified } = shown
    return { counter, backedUp, userVerified }
  })
}

/** Either there is no statement at all, or the credential has signed for itself (WebAuthn §8.2, §8.7). */
function isUnattested(attestationObject: string): boolean {
  const object = decodeAttestationObject(decodeBase64url(attestationObject) ?? new Uint8Array())
  const format = object.get("fmt")
  return format === "none" || (format === "packed" && object.get("attStmt").get("x5c") === undefined)
}

function webAuthnJson<Answer extends { readonly id: string }>({
  id,
}: Answer): { id: string; rawId: string; type: "public-key"; clientExtensionResults: Record<string, never> } {
  return { id, rawId: id, type: "public-key", clientExtensionResults: {} }
}

/** It reads what anybody can send, and throws at whatever is wrong with that. No store is asked inside. */
async function valueOrNothing<Value>(read: () => Promise<Value | undefined>): Promise<Value | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}

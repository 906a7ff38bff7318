/*
 * Options and answers of WebAuthn between JSON and what `navigator.credentials` takes (WebAuthn Level 3, §5.1.8 to §5.1.10). Browsers do it by
 * themselves; for those that do not yet, here it is once more.
 */
import type { CreationOptions, CredentialDescriptor, RequestOptions } from "@mortise/core/passkey"

/** For `navigator.credentials.create`. */
export function creationOptionsOf(options: CreationOptions): PublicKeyCredentialCreationOptions {
  const json = options as unknown as PublicKeyCredentialCreationOptionsJSON
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(json)
  }
  const { challenge, excludeCredentials, user, ...rest } = options
  return {
    ...(rest as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytesOf(challenge),
    user: { ...user, id: bytesOf(user.id) },
    excludeCredentials: excludeCredentials.map(descriptorOf),
  }
}

/** For `navigator.credentials.get`. */
export function requestOptionsOf(options: RequestOptions): PublicKeyCredentialRequestOptions {
  const json = options as unknown as PublicKeyCredentialRequestOptionsJSON
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(json)
  }
  const { allowCredentials, challenge, ...rest } = options
  return { ...rest, challenge: bytesOf(challenge), allowCredentials: allowCredentials.map(descriptorOf) }
}

/** What an authenticator has answered, as JSON. */
export function answerJson(credential: PublicKeyCredential): object {
  if (credential.toJSON) return credential.toJSON()
  const { authenticatorAttachment, id, response, type } = credential
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
  const fields = parts.map((name) => [name, Reflect.get(response, name)] as const)
  return {
    id,
    rawId: id,
    type,
    authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      ...Object.fromEntries(fields.flatMap(([name, part]) => (part ? [[name, textOf(part)]] : []))),
      transports:
        "getTransports" in response ? (response as AuthenticatorAttestationResponse).getTransports() : [],
    },
  }
}

function descriptorOf({ id, transports, type }: CredentialDescriptor): PublicKeyCredentialDescriptor {
  return { type, id: bytesOf(id), transports: [...transports] as AuthenticatorTransport[] }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
    letter.charCodeAt(0),
  )
}

function textOf(bytes: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

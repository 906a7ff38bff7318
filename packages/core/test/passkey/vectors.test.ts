/** The vectors of the specification, through the whole of the flow's checks: each is accepted, or refused for the reason that stands here. */
import { decodeAttestationObject, parseAuthenticatorData } from "@simplewebauthn/server/helpers"
import { describe, expect, test } from "vitest"
import { decodeBase64url, encodeBase64url } from "../../src/crypto/base64url.js"
import { assertionIn, registrationIn } from "../../src/flows/passkey/answer.js"
import { newPasskeyIn, useIn } from "../../src/flows/passkey/ceremony.js"
import type { StoredPasskey } from "../../src/flows/passkey/stored-passkey.js"
import { type WebAuthnVector, webAuthnVectors } from "./webauthn-vectors.js"

const rp = { id: "example.org", origins: ["https://example.org"] }
const anotherSite = "made in a frame of another site's page"
const attested = "an attestation, which nobody asked for"
const algorithm = "an algorithm that Web Crypto does not have"

/** What is refused of each section; nothing of one that stands here without. */
const expected: Readonly<Record<string, { readonly registration?: string; readonly assertion?: string }>> = {
  "ES256 Credential with No Attestation": {},
  "ES256 Credential with Self Attestation": {},
  "ES256 Credential with crossOrigin: true in clientDataJSON": {
    registration: anotherSite,
    assertion: anotherSite,
  },
  "ES256 Credential with topOrigin in clientDataJSON": { registration: anotherSite, assertion: anotherSite },
  "ES256 Credential with very long credential ID": {},
  "Packed Attestation with ES256 Credential": { registration: attested },
  "Packed Attestation with ES384 Credential": { registration: attested },
  "Packed Attestation with ES512 Credential": { registration: attested },
  "Packed Attestation with RS256 Credential": { registration: attested },
  "Packed Attestation with Ed25519 Credential": { registration: attested },
  "Packed Attestation with Ed448 Credential": { registration: attested, assertion: algorithm },
  "TPM Attestation with ES256 Credential": { registration: attested },
  "Android Key Attestation with ES256 Credential": { registration: attested },
  "Apple Anonymous Attestation with ES256 Credential": { registration: attested },
  "FIDO U2F Attestation with ES256 Credential": { registration: attested },
}

function jsonOf(id: string, response: object): object {
  return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response }
}

/** The authenticator data in a registration, whatever was attested. */
function authDataOf({ registration }: WebAuthnVector) {
  const bytes = decodeBase64url(registration.attestationObject) ?? new Uint8Array()
  return parseAuthenticatorData(decodeAttestationObject(bytes).get("authData"))
}

function storedOf(vector: WebAuthnVector): StoredPasskey {
  const { counter, credentialPublicKey, flags } = authDataOf(vector)
  return {
    publicKey: encodeBase64url(credentialPublicKey ?? new Uint8Array()),
    counter,
    transports: [],
    deviceType: flags.be ? "multiDevice" : "singleDevice",
    backedUp: flags.bs,
    aaguid: "",
    name: "",
    userHandle: "",
    userVerified: flags.uv,
    use: "sign_in",
    lastUsedAt: null,
  }
}

function assertionOf({ authentication, registration }: WebAuthnVector) {
  const { authenticatorData, clientDataJSON, signature } = authentication
  return assertionIn(jsonOf(registration.id, { authenticatorData, clientDataJSON, signature }))
}

test("the table has every vector", () => {
  expect(Object.keys(expected)).toEqual(webAuthnVectors.map(({ section }) => section))
})

describe.each(webAuthnVectors.map((vector) => [vector.section, vector] as const))("%s", (section, vector) => {
  const refused = expected[section] ?? {}
  const { registration, authentication } = vector

  test(`registration: ${refused.registration ?? "accepted"}`, async () => {
    const { attestationObject, clientDataJSON, id } = registration
    const answer = registrationIn(jsonOf(id, { attestationObject, clientDataJSON }))
    if (refused.registration === anotherSite) return expect(answer).toBeUndefined()
    if (!answer) throw new Error("not read")
    expect(answer.challenge).toBe(registration.challenge)
    const { flags } = authDataOf(vector)
    const made = await newPasskeyIn(answer, rp, false)
    if (refused.registration) return expect(made).toBeUndefined()
    const { publicKey } = storedOf(vector)
    expect(made).toMatchObject({ publicKey, counter: 0, userVerified: flags.uv, backedUp: flags.bs })
    // As it is, and only as it is.
    expect((await newPasskeyIn(answer, rp, true)) === undefined).toBe(!flags.uv)
    expect(await newPasskeyIn(answer, { ...rp, id: "example.com" }, false)).toBeUndefined()
    expect(await newPasskeyIn(answer, { ...rp, origins: ["https://example.com"] }, false)).toBeUndefined()
    expect(await newPasskeyIn({ ...answer, challenge: authentication.challenge }, rp, false)).toBeUndefined()
  })

  test(`authentication: ${refused.assertion ?? "accepted"}`, async () => {
    const answer = assertionOf(vector)
    if (refused.assertion === anotherSite) return expect(answer).toBeUndefined()
    if (!answer) throw new Error("not read")
    expect(answer.challenge).toBe(authentication.challenge)
    const stored = storedOf(vector)
    const { flags } = parseAuthenticatorData(
      decodeBase64url(authentication.authenticatorData) ?? new Uint8Array(),
    )
    const used = await useIn(answer, stored, rp, false)
    if (refused.assertion) return expect(used).toBeUndefined()
    expect(used).toEqual({ counter: 0, backedUp: flags.bs, userVerified: flags.uv })
    expect((await useIn(answer, stored, rp, true)) === undefined).toBe(!flags.uv)
    expect(await useIn(answer, stored, { ...rp, id: "example.com" }, false)).toBeUndefined()
    expect(await useIn(answer, stored, { ...rp, origins: ["https://example.com"] }, false)).toBeUndefined()
    expect(await useIn({ ...answer, challenge: registration.challenge }, stored, rp, false)).toBeUndefined()
    const other = webAuthnVectors.find((one) => one !== vector && one.section.includes("ES256"))
    if (!other) throw new Error("no other")
    expect(
      await useIn(answer, { ...stored, publicKey: storedOf(other).publicKey }, rp, false),
    ).toBeUndefined()
    for (const part of ["authenticatorData", "signature"] as const) {
      const bytes = decodeBase64url(answer.response[part]) ?? new Uint8Array()
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      const response = { ...answer.response, [part]: encodeBase64url(bytes) }
      expect(await useIn({ ...answer, response }, stored, rp, false)).toBeUndefined()
    }
  })
})

import type { HostileProvider } from "./hostile-provider.js"
import type { JsonObject, JwtLies, Lies } from "./lies.js"

/** An ID token that every client must refuse. */
export interface ForgedIdToken {
  readonly name: string
  readonly lies: (provider: HostileProvider) => Lies
}

const now = (claims: JsonObject): number => Number(claims["iat"])

/**
 * ID tokens that must be refused, one defect each (OpenID Connect Core 3.1.3.7, RFC 8725). A table for
 * `test.each`: after `provider.lie(lies(provider))`, nobody may get in.
 */
export const forgedIdTokens: readonly ForgedIdToken[] = [
  // Nobody's signature.
  forged("no signature, alg none", { signature: "unsigned" }),
  forged("no signature, alg nOnE", { signature: "unsigned", header: { alg: "nOnE" } }),
  forged("no signature, alg none, kid of the key", (p) => ({
    signature: "unsigned",
    header: { kid: p.key.kid },
  })),
  forged("signature cut off", { signature: "stripped" }),
  forged("signature tampered with", { signature: "tampered" }),
  forged("payload tampered with", { signature: "payload-tampered" }),
  forged("not a JWT", { token: () => "not-a-jwt" }),
  forged("no text", { token: () => "" }),
  forged("a fourth part", { token: (compact) => `${compact}.e30` }),
  // Somebody else's.
  forged("a stranger's key under the published kid", { signature: "stranger" }),
  forged("a stranger's key under its own kid", (p) => ({ key: p.stranger })),
  forged("a stranger's key without kid", (p) => ({ key: p.stranger, header: { kid: undefined } })),
  forged("a stranger's key in the header (jwk)", (p) => ({
    key: p.stranger,
    header: { jwk: p.stranger.publicJwk },
  })),
  forged("a stranger's key at an address in the header (jku)", (p) => ({
    key: p.stranger,
    header: { jku: p.trap },
  })),
  forged("a stranger's key at an address in the header (x5u)", (p) => ({
    key: p.stranger,
    header: { x5u: p.trap },
  })),
  forged("HS256 with the public key as PEM", { signature: "hmac-pem" }),
  forged("HS256 with the public key as JWK", { signature: "hmac-jwk" }),
  announced("none", { signature: "unsigned" }),
  announced("HS256", { signature: "hmac-pem" }),
  announced("HS256", { signature: "hmac-jwk" }),
  // The header contradicts itself or the key.
  forged("unknown kid", { header: { kid: "nowhere" } }),
  forged("alg of another kind of key", { header: { alg: "ES256" } }),
  forged("alg that nobody knows", { header: { alg: "RS257" } }),
  forged("alg that is no text", { header: { alg: 256 } }),
  forged("no alg", { header: { alg: undefined } }),
  forged("unknown crit", { header: { crit: ["surprise"], surprise: true } }),
  forged("empty crit", { header: { crit: [] } }),
  // Claims.
  ...["iss", "sub", "aud", "exp", "iat", "nonce"].map((claim) =>
    forged(`no ${claim}`, { claims: { [claim]: undefined } }),
  ),
  forged("iss of another provider", { claims: { iss: "https://accounts.google.com" } }),
  forged("iss with a slash more", { claims: (truth) => ({ ...truth, iss: `${truth["iss"]}/` }) }),
  forged("iss is a list", { claims: (truth) => ({ ...truth, iss: [String(truth["iss"])] }) }),
  forged("aud of another client", { claims: { aud: "another-client" } }),
  forged("aud is a list without the client", { claims: { aud: ["another-client"], azp: "another-client" } }),
  forged("several aud and no azp", {
    claims: (truth) => ({ ...truth, aud: [String(truth["aud"]), "another"] }),
  }),
  forged("several aud and another azp", {
    claims: (truth) => ({ ...truth, aud: [String(truth["aud"]), "another"], azp: "another" }),
  }),
  forged("another azp", { claims: { azp: "another" } }),
  forged("nonce of another sign-in", { claims: { nonce: "another" } }),
  forged("nonce is a list", { claims: (truth) => ({ ...truth, nonce: [String(truth["nonce"])] }) }),
  forged("sub is empty", { claims: { sub: "" } }),
  forged("sub is a number", { claims: { sub: 248289761001 } }),
  forged("sub is null", { claims: { sub: null } }),
  forged("sub is a list", { claims: { sub: ["248289761001"] } }),
  forged("expired", { claims: (truth) => ({ ...truth, exp: now(truth) - 3600 }) }),
  forged("exp is text", { claims: (truth) => ({ ...truth, exp: `${truth["exp"]}` }) }),
  forged("exp is infinite", { payload: (text) => text.replace(/"exp":\d+/, '"exp":1e999') }),
  forged("iat is text", { claims: (truth) => ({ ...truth, iat: `${truth["iat"]}` }) }),
  forged("iat is an hour away", {
    claims: (truth) => ({ ...truth, iat: now(truth) + 3600, exp: now(truth) + 7200 }),
  }),
  forged("nbf is an hour away", { claims: (truth) => ({ ...truth, nbf: now(truth) + 3600 }) }),
  forged("at_hash of another access token", { claims: { at_hash: "bm90IHRoZSBoYXNoIGF0IGFsbA" } }),
  forged("claims are a list", { claims: () => [] }),
  forged("claims are not JSON", { payload: () => "{" }),
]

function forged(name: string, lies: JwtLies | ((provider: HostileProvider) => JwtLies)): ForgedIdToken {
  return { name, lies: (provider) => ({ idToken: typeof lies === "function" ? lies(provider) : lies }) }
}

/** Forged in a way that the discovery document says is usual here. */
function announced(alg: string, idToken: JwtLies): ForgedIdToken {
  const discovery = { id_token_signing_alg_values_supported: [alg, "RS256"] }
  return {
    name: `${alg}, ${idToken.signature}, which discovery announces`,
    lies: () => ({ idToken, discovery }),
  }
}

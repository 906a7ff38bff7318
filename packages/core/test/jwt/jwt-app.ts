/** Hosts whose sessions are JWTs, and the keys that their tests sign with. */
import {
  CompactSign,
  type CryptoKey,
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  type JWK,
} from "jose"
import { expect } from "vitest"
import { type JwtAlgorithm, type JwtKey, type JwtOptions, type JwtRevocation, jwt } from "../../src/jwt.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { type AppOptions, ada, app, appWithAda, type Host } from "../app.js"

export const second = 1000
export const minute = 60_000
export const hour = 3_600_000
export const day = 86_400_000
export const revocations: readonly JwtRevocation[] = ["session", "user", "none"]

/** A strategy that says what it must. */
export function strategyOf(revocation: JwtRevocation, options: JwtOptions = {}): ReturnType<typeof jwt> {
  const acceptStaleness = options.acceptStaleness ?? (revocation === "none" ? 30 * 86_400 : 0)
  return jwt({ ...options, revocation, acceptStaleness })
}

/** A key as a host has it, in both spellings, and as a test signs with it. */
export interface TestKey {
  readonly alg: JwtAlgorithm
  readonly kid: string
  readonly pem: string
  readonly jwk: JWK & Readonly<Record<string, unknown>>
  readonly publicPem: string
  readonly publicJwk: JWK & Readonly<Record<string, unknown>>
  readonly sign: CryptoKey | Uint8Array
}

export async function pairOf(alg: "EdDSA" | "ES256", kid: string): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const pem = await exportPKCS8(privateKey)
  return {
    ...{ alg, kid, pem },
    jwk: { ...(await exportJWK(privateKey)) },
    publicPem: await exportSPKI(publicKey),
    publicJwk: { ...(await exportJWK(publicKey)) },
    sign: await importPKCS8(pem, alg),
  }
}

export const hmacSecret = "canary-hmac-secret-0123456789-abcdefgh"
export const ed: TestKey = await pairOf("EdDSA", "ed")
export const es: TestKey = await pairOf("ES256", "es")
/** A key as {@link signed} takes it. */
export type SigningKey = Pick<TestKey, "alg" | "kid" | "sign">

export const hmac: SigningKey & { readonly sign: Uint8Array<ArrayBuffer> } = {
  ...{ alg: "HS256", kid: "hs" },
  sign: new TextEncoder().encode(hmacSecret),
}

/** All three algorithms in one ring; HS256 signs. */
export const ring: readonly [JwtKey, JwtKey, JwtKey] = [
  { alg: "HS256", kid: "hs", key: hmacSecret },
  { alg: "EdDSA", kid: "ed", key: ed.pem },
  { alg: "ES256", kid: "es", key: es.jwk },
]

/** Signs whatever it is given. */
export function signed(
  payload: object | string,
  header: Readonly<Record<string, unknown>> = {},
  key: SigningKey = hmac,
): Promise<string> {
  const bytes = new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload))
  const protectedHeader = { alg: key.alg, kid: key.kid, typ: "session+jwt", ...header }
  return new CompactSign(bytes).setProtectedHeader(protectedHeader).sign(key.sign)
}

/** Signed in, with the token and what it says. */
export interface SignedIn {
  readonly browser: TestClient
  readonly token: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly header: Readonly<Record<string, unknown>>
}

export async function signIn(host: Host, browser: TestClient = host.browser()): Promise<SignedIn> {
  const answer = await browser.post("/auth/login", { json: ada })
  expect(answer.status).toBe(200)
  const token = tokenIn(browser)
  return { browser, token, header: partOf(token, 0), claims: partOf(token, 1) }
}

export function tokenIn(browser: TestClient): string {
  return browser.cookies.get("__Host-session") ?? ""
}

export function partOf(token: string, index: 0 | 1): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString())
}

/** Who the host takes this cookie for, by its route: undefined for a visitor. */
export async function whoHas(host: Pick<Host, "browser">, token: string): Promise<string | undefined> {
  const answer = await host.browser().get("/auth/session", { headers: { cookie: `__Host-session=${token}` } })
  expect(answer.status).toBe(200)
  const { user } = (await answer.json()) as { user: { id: string } | null }
  return user?.id
}

/** A second server over the same stores, with a clock of its own or the same. */
export function beside(host: Host, options: AppOptions): Host {
  return app({ stores: host.stores, clock: host.clock, ...options })
}

export { appWithAda }

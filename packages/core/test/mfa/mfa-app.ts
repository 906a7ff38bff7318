import { createHmac } from "node:crypto"
import type { MfaFlow } from "../../src/mfa.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import type { OAuthHost } from "../oauth/oauth-app.js"

export function mfaOf(host: Pick<OAuthHost, "auth">): MfaFlow {
  return host.auth.flows.mfa
}

/** A user's authenticator app: RFC 6238 written once more, from the RFC. */
export interface AuthenticatorApp {
  readonly key: Buffer
  /** The code of the step that lies so far from now. */
  code(steps?: number): string
  /** A code that is none of now: neither of this step nor of those next to it. */
  wrongCode(): string
}

export function authenticatorApp(uri: string, clock: () => number): AuthenticatorApp {
  const key = base32(new URL(uri).searchParams.get("secret") ?? "")
  function code(steps = 0): string {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(Math.floor(clock() / 30_000) + steps))
    const digest = createHmac("sha1", key).update(counter).digest()
    const offset = (digest.at(-1) ?? 0) & 15
    return `${(digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000}`.padStart(6, "0")
  }
  function wrongCode(): string {
    const right = [code(-1), code(), code(1)]
    // Of four one is left.
    return ["000000", "111111", "222222", "333333"].find((one) => !right.includes(one)) ?? ""
  }
  return { key, code, wrongCode }
}

function base32(text: string): Buffer {
  const bits = [...text]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("")
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** Signs in by password, enrols an app, and signs out: whatever comes next meets the second factor. */
export async function withTotp(
  host: OAuthHost,
  browser: TestClient = host.browser(),
): Promise<{ readonly app: AuthenticatorApp; readonly codes: readonly string[] }> {
  await post(browser, "/auth/login", ada)
  const enrolled = await enrolTotp(host, browser)
  await post(browser, "/auth/logout", {})
  // The next code is another one.
  host.clock.advance(60_000)
  return enrolled
}

/** In a session that is fresh. */
export async function enrolTotp(
  host: OAuthHost,
  browser: TestClient,
): Promise<{ readonly app: AuthenticatorApp; readonly codes: readonly string[] }> {
  const { uri } = await post(browser, "/auth/mfa/enrol", { factor: "totp" })
  const app = authenticatorApp(String(uri), host.clock)
  const { recoveryCodes: codes } = await post(browser, "/auth/mfa/enrol/confirm", {
    factor: "totp",
    code: app.code(),
  })
  await settled()
  return { app, codes: codes as readonly string[] }
}

/** Posts JSON and answers JSON; anything but 200 or 202 is an error. */
export async function post(
  browser: TestClient,
  path: string,
  json: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await browser.post(path, { json })
  const body: unknown = await answer.json()
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(body)}`)
  return body as Readonly<Record<string, unknown>>
}

/** The reason of a refusal, and its status. */
export async function refusalOf(answer: Response): Promise<readonly [number, unknown]> {
  return [answer.status, ((await answer.json()) as { reason?: unknown }).reason]
}

export async function whoIs(browser: TestClient): Promise<Readonly<Record<string, unknown>> | null> {
  return (await (await browser.get("/auth/session")).json()).user
}

/** How the session of this browser was opened. */
export async function methodsOf(browser: TestClient): Promise<readonly string[]> {
  return (await (await browser.get("/auth/session")).json()).session?.methods ?? []
}

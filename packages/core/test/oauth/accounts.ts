import type { AuthEvent, User } from "../../src/index.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { ada } from "../app.js"
import type { OAuthHost } from "./oauth-app.js"

/** What a test says of an account; the rest is as after an ordinary registration with ada's password. */
export interface AccountFacts {
  readonly email?: string
  readonly verified?: boolean
  readonly disabled?: boolean
  /** `null`: it has none. */
  readonly password?: string | null
}

/** Puts an account into the host's stores, without the quarter of a second that registering takes. */
export async function account(
  { clock, stores }: Pick<OAuthHost, "clock" | "stores">,
  { disabled = false, email = ada.email, password = ada.password, verified = false }: AccountFacts = {},
): Promise<User> {
  const now = clock()
  const emailVerifiedAt = verified ? now : null
  const user = await stores.users.create({ email, emailVerifiedAt, createdAt: now })
  if (!user) throw new Error(`${email} is taken`)
  if (password !== null) {
    const secret = await testHasher().hash(password)
    const { id } = user
    const dates = { createdAt: now, changedAt: now }
    await stores.credentials.insert({
      kind: "password",
      handle: id,
      userId: id,
      secret,
      revision: 0,
      ...dates,
    })
  }
  if (disabled) await stores.users.update(user.id, { disabledAt: now })
  return (await stores.users.find(user.id)) ?? user
}

/**
 * Every way into the account, in a fixed order: `password`, `identity <issuer>|<subject>`. A reservation for an identity whose linking is under
 * way, or broke off, opens nothing (linking.test.ts shows it) and is left out.
 */
export async function waysInto(
  { stores }: Pick<OAuthHost, "stores">,
  userId: string,
): Promise<readonly string[]> {
  const all = (await stores.credentials.listByUser(userId)).filter(({ secret }) => secret !== "")
  return all.map(({ handle, kind }) => (kind === "identity" ? `${kind} ${handle}` : kind)).sort()
}

/** What a browser shows to `pending`, `confirm`, `claim` and `cancel`. */
export function pendingIn(browser: TestClient): { readonly pending: string | undefined } {
  return { pending: browser.cookies.get("__Host-oauth-pending") }
}

/** The exact causes of refused sign-ins and links so far, in their order. */
export function causesOf(events: readonly AuthEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === "sign_in.refused" || event.type === "identity.link_refused" ? [event.cause] : [],
  )
}

/** What the host hands a script: status, and the reason of a problem. */
export async function toldOf(answer: Response): Promise<readonly [status: number, reason: unknown]> {
  const body = (await answer.json()) as { readonly reason?: unknown }
  return [answer.status, body.reason]
}

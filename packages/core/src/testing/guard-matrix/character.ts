import type { OpenedSession } from "../../sessions/session.js"

/** Somebody who tries every route. */
export interface MatrixCharacter {
  /** The column in the table: `customer`, `store user of OTHER`, `expired`. */
  readonly name: string
  /** As a sign-in opened it: `outcome.session`. Undefined for somebody who has none. */
  readonly session?: Pick<OpenedSession<object>, "principal" | "token">
  /** Where they present their token. Default `header`. */
  readonly by?: "header" | "cookie"
  /** Whether it has ended since: expired, revoked, its user disabled. Then nothing passes it. */
  readonly ended?: boolean
}

/**
 * What a character sends to be recognized; the cookie is that of the realm that is asked, whoever signed the token.
 * @throws Error for a cookie whose name nobody said
 */
export function credentialOf(
  { by = "header", session }: MatrixCharacter,
  cookieName: string | undefined,
): Readonly<Record<string, string>> {
  if (!session) return {}
  if (by === "header") return { authorization: `Bearer ${session.token}` }
  if (cookieName !== undefined) return { cookie: `${cookieName}=${session.token}` }
  throw new Error('guardMatrix(): what is the session cookie called? Write { cookie: "__Host-session" }.')
}

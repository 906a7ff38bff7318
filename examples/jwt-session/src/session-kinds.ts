import type { SessionKind } from "./settings"

/** What the page says of each way to keep sessions. */
export const kindWords: Readonly<Record<SessionKind, { readonly name: string; readonly says: string }>> = {
  jwt: {
    name: "JWT",
    says: "A signed token in the cookie. It is short, has a grace period, and is replaced by a new one as it is used.",
  },
  database: {
    name: "Database",
    says: "A random token in the cookie; what it stands for is a row in PostgreSQL.",
  },
  redis: {
    name: "Redis",
    says: "A random token in the cookie; what it stands for is in Redis, and ends by itself.",
  },
}

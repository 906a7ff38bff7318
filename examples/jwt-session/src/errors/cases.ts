import type { SessionKind } from "../settings"

/** Everything that `/errors` can provoke, by the name in its form. */
export const caseNames = [
  "invalid-signature",
  "expired",
  "in-grace",
  "missing-cookie",
  "database-down",
  "provider-error",
  "clock-ahead",
  "clock-skewed",
  "clock-behind",
  "cookie-domain",
  "other-key",
  "other-realm",
  "other-type",
] as const

export type CaseName = (typeof caseNames)[number]

/** What a case is called, and what is sent. */
interface CaseWords {
  readonly title: string
  readonly sends: string
  /** Kinds of sessions with which it cannot happen, and why. */
  readonly impossible?: Partial<Readonly<Record<SessionKind, string>>>
}

const noKeys = "A random token is signed with no key."
const noTypes = "A random token has no type."
const noGrace = "A session in a store is either there or not: it has no grace."

export const cases: Readonly<Record<CaseName, CaseWords>> = {
  "invalid-signature": {
    title: "Invalid signature",
    sends: "Your own token, with its last part changed.",
  },
  expired: {
    title: "Expired token",
    sends: "A token of yours whose life and grace are over.",
  },
  "in-grace": {
    title: "Expired a moment ago",
    sends: "A token of yours whose life is over, and whose grace is not.",
    impossible: { database: noGrace, redis: noGrace },
  },
  "missing-cookie": {
    title: "Missing cookie",
    sends: "A request without any cookie.",
  },
  "database-down": {
    title: "Database down",
    sends: "Your own token. For this one request, PostgreSQL does not answer.",
  },
  "provider-error": {
    title: "OAuth provider error",
    sends: "A sign-in that is begun properly, and comes back from GitHub with an error.",
  },
  "clock-ahead": {
    title: "Clock skew, small",
    sends: "A token from another server of ours, whose clock is 20 seconds ahead.",
  },
  "clock-behind": {
    title: "Clock skew, the other way",
    sends: "A fresh token from another server of ours, whose clock is ten minutes behind.",
  },
  "clock-skewed": {
    title: "Clock skew, large",
    sends: "A token from another server of ours, whose clock is ten minutes ahead.",
  },
  "cookie-domain": {
    title: "Cookie domain mismatch",
    sends: "A request to the same server under another name, to which your browser does not send the cookie.",
  },
  "other-key": {
    title: "Signed with another key",
    sends: "A token that says all the right things, signed by somebody else.",
    impossible: { database: noKeys, redis: noKeys },
  },
  "other-realm": {
    title: "Of another realm",
    sends: "A token of yours from the realm “admin” of the same server, with the same secrets.",
  },
  "other-type": {
    title: "Of another type",
    sends: "An access token, signed with our own key, where a session belongs.",
    impossible: { database: noTypes, redis: noTypes },
  },
}

export function isCaseName(text: unknown): text is CaseName {
  return caseNames.some((name) => name === text)
}

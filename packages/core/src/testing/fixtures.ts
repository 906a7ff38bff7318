import type { AuditEntry, Credential, NewUser, SessionRecord } from "../stores/ports.js"

const day = 86_400_000

/**
 * A valid session of its own user, with random id and secret hash, opened at `createdAt` (now unless told
 * otherwise), for a day, at most 30. Later instants follow a given `createdAt` unless they are given too.
 */
export function sessionRecord(overrides: Partial<SessionRecord> = {}): SessionRecord {
  const createdAt = overrides.createdAt ?? Date.now()
  return {
    id: randomBase64url(16),
    realm: "main",
    userId: crypto.randomUUID(),
    secretHash: randomBase64url(32),
    epoch: 0,
    revision: 0,
    createdAt,
    authenticatedAt: createdAt,
    lastSeenAt: createdAt,
    expiresAt: createdAt + day,
    absoluteExpiresAt: createdAt + 30 * day,
    methods: ["pwd"],
    claims: {},
    address: "",
    userAgent: "",
    ...overrides,
  }
}

/** A user to create, with a random address that nobody has verified. */
export function newUser(overrides: Partial<NewUser> = {}): NewUser {
  return { email: randomEmail(), emailVerifiedAt: null, createdAt: Date.now(), ...overrides }
}

/** A canonical address that nobody else has. */
export function randomEmail(): string {
  return `user-${crypto.randomUUID()}@example.com`
}

/** A password credential of its own user; the secret is no hash of anything. */
export function credentialRecord(overrides: Partial<Credential> = {}): Credential {
  const userId = overrides.userId ?? crypto.randomUUID()
  const createdAt = overrides.createdAt ?? Date.now()
  return {
    kind: "password",
    handle: userId,
    userId,
    secret: `$argon2id$v=19$m=19456,t=2,p=1$${randomBase64url(16)}$${randomBase64url(32)}`,
    revision: 0,
    createdAt,
    changedAt: createdAt,
    ...overrides,
  }
}

/** An audit entry: this user signed in at this instant. */
export function signInEntry(userId: string, at: number = Date.now()): AuditEntry {
  return {
    at,
    event: {
      type: "sign_in.succeeded",
      realm: "main",
      at,
      address: "192.0.2.1",
      userAgent: "kit",
      userId,
      flow: "password",
      sessionId: randomBase64url(16),
    },
  }
}

function randomBase64url(bytes: number): string {
  const binary = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes)))
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

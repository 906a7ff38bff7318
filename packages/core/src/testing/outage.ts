import assert from "node:assert/strict"
import type {
  AtomicStore,
  AuditStore,
  ConsentStore,
  CredentialStore,
  SessionStore,
  UserStore,
} from "../stores/ports.js"
import { type Bench, type Check, check } from "./check.js"
import { credentialRecord, newUser, sessionRecord, signInEntry } from "./fixtures.js"

type Call<S> = readonly [name: string, call: (store: S) => Promise<unknown>]

/**
 * For a bench whose two stores cannot reach their backend: every method rejects within ten seconds. An
 * answer, even "none", would be taken for the truth: a lost counter for a fresh one, a lost session for a
 * visitor.
 */
function outageChecks<S>(calls: readonly Call<S>[]): readonly Check<Bench<S>>[] {
  return calls.map(([name, call]) =>
    check<Bench<S>>(`${name} rejects while the backend is unreachable`, async ({ a, b }) => {
      for (const store of [a, b]) {
        const answer = await withinTenSeconds(outcome(call(store)))
        assert.equal(answer, "rejected", `${name} ${answer}`)
      }
    }),
  )
}

// Fixed: a Worker makes nothing random, and knows no time, while it loads its modules.
const id = "A".repeat(22)
const userId = "00000000-0000-4000-8000-000000000000"
const far = 4_102_444_800_000

/** Every method of an {@link AtomicStore} rejects while the backend is unreachable. */
export const atomicOutageChecks: readonly Check<Bench<AtomicStore>>[] = outageChecks<AtomicStore>([
  ["get", (store) => store.get("kit:outage")],
  ["set", (store) => store.set("kit:outage", "x", far)],
  ["delete", (store) => store.delete("kit:outage")],
  ["add", (store) => store.add("kit:outage", "x", far)],
  ["swap", (store) => store.swap("kit:outage", "x", "y", far)],
  ["take", (store) => store.take("kit:outage")],
  ["increment", (store) => store.increment("kit:outage", far)],
])

/** Every method of a {@link SessionStore} rejects while the backend is unreachable. */
export const sessionOutageChecks: readonly Check<Bench<SessionStore>>[] = outageChecks<SessionStore>([
  ["epoch", (store) => store.epoch(userId)],
  ["insert", (store) => store.insert(sessionRecord({ id, userId }))],
  ["find", async (store) => store.find(id)],
  ["replace", (store) => store.replace(sessionRecord({ id, userId, revision: 1 }), 0)],
  ["delete", (store) => store.delete(id)],
  ["listByUser", (store) => store.listByUser(userId)],
  ["deleteByUser", (store) => store.deleteByUser(userId)],
])

/** Every method of a {@link UserStore} rejects while the backend is unreachable. */
export const userOutageChecks: readonly Check<Bench<UserStore>>[] = outageChecks<UserStore>([
  ["create", (store) => store.create(newUser())],
  ["find", (store) => store.find(userId)],
  ["findByEmail", (store) => store.findByEmail("nobody@example.com")],
  ["update", (store) => store.update(userId, { emailVerifiedAt: 1 })],
  ["delete", (store) => store.delete(userId)],
  ["list", (store) => store.list({ limit: 1 })],
])

/** Every method of a {@link CredentialStore} rejects while the backend is unreachable. */
export const credentialOutageChecks: readonly Check<Bench<CredentialStore>>[] = outageChecks<CredentialStore>(
  [
    ["insert", (store) => store.insert(credentialRecord({ userId }))],
    ["find", (store) => store.find("password", userId)],
    ["listByUser", (store) => store.listByUser(userId)],
    ["replace", (store) => store.replace(credentialRecord({ userId, revision: 1 }), 0)],
    ["delete", (store) => store.delete("password", userId)],
    ["deleteByUser", (store) => store.deleteByUser(userId)],
  ],
)

/** Every method of an {@link AuditStore} rejects while the backend is unreachable. */
export const auditOutageChecks: readonly Check<Bench<AuditStore>>[] = outageChecks<AuditStore>([
  ["append", (store) => store.append(signInEntry(userId))],
  ["list", (store) => store.list({ limit: 1 })],
  ["verify", (store) => store.verify()],
  ["pseudonymize", (store) => store.pseudonymize(userId, "erased")],
])

/** Every method of a {@link ConsentStore} rejects while the backend is unreachable. */
export const consentOutageChecks: readonly Check<Bench<ConsentStore>>[] = outageChecks<ConsentStore>([
  ["append", (store) => store.append({ userId, purpose: "kit", version: "1", given: true, at: 1 })],
  ["listByUser", (store) => store.listByUser(userId)],
  ["deleteByUser", (store) => store.deleteByUser(userId)],
])

async function outcome(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    (value) => `answered ${JSON.stringify(value)}`,
    () => "rejected",
  )
}

async function withinTenSeconds(answer: Promise<string>): Promise<string> {
  const timer: { id?: ReturnType<typeof setTimeout> } = {}
  const patience = new Promise<string>((resolve) => {
    timer.id = setTimeout(resolve, 10_000, "still hung after ten seconds")
  })
  return Promise.race([answer, patience]).finally(() => clearTimeout(timer.id))
}

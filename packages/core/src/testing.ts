/**
 * The conformance and race kit, and what tests of stores and flows need. Runs under any test runner, on
 * anything that has `node:assert`. A store adapter passes when every check of its ports does:
 * `for (const check of atomicStoreChecks) test(check.name, () => check.run((clock) => openBench(clock)))`.
 */
export { type AdjustableClock, adjustableClock } from "./testing/adjustable-clock.js"
export type { AuditBench, AuditTampering, TamperedField, Undo } from "./testing/audit/bench.js"
export type { Bench, Check, OpenBench, OwnedBench } from "./testing/check.js"
export { type CredentialRealmsBench, credentialRealmChecks } from "./testing/credentials/realms.js"
export { credentialRecord, newUser, randomEmail, sessionRecord, signInEntry } from "./testing/fixtures.js"
export type { MatrixCharacter } from "./testing/guard-matrix/character.js"
export type { Expected } from "./testing/guard-matrix/expected-answer.js"
export {
  type GuardMatrixOptions,
  guardMatrix,
  type MatrixRequest,
} from "./testing/guard-matrix/guard-matrix.js"
export type { HostRoute } from "./testing/guard-matrix/host-route.js"
export type { GuardMatrix, MatrixAnswer, MatrixRow } from "./testing/guard-matrix/matrix.js"
export type { MatrixSite } from "./testing/guard-matrix/matrix-site.js"
export {
  type CallChoice,
  type FaultMoment,
  failing,
  failingStores,
  InjectedFault,
  recording,
  recordingStores,
  type StoreCall,
  type Watched,
} from "./testing/intercept.js"
export { type MailSink, mailSink } from "./testing/mail-sink.js"
export {
  atomicOutageChecks,
  auditOutageChecks,
  consentOutageChecks,
  credentialOutageChecks,
  sessionOutageChecks,
  userOutageChecks,
} from "./testing/outage.js"
export { race } from "./testing/race.js"
export { type SessionUserBench, sessionUserChecks } from "./testing/sessions/users.js"
export {
  atomicStoreChecks,
  auditStoreChecks,
  consentStoreChecks,
  credentialStoreChecks,
  sessionStoreChecks,
  staleSessionStoreChecks,
  userStoreChecks,
} from "./testing/store-checks.js"
export { type TestClient, type TestRequest, testClient } from "./testing/test-client.js"
export { type TestHasher, testHasher } from "./testing/test-hasher.js"
export { type UserRealmsBench, userRealmChecks } from "./testing/users/realms.js"

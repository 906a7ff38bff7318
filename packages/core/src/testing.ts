/**
 * The conformance and race kit, and what tests of stores and flows need. Runs under any test runner, on
 * anything that has `node:assert`. A store adapter passes when every check of its ports does:
 * `for (const check of atomicStoreChecks) test(check.name, () => check.run((clock) => openBench(clock)))`.
 */
export { type AdjustableClock, adjustableClock } from "./testing/adjustable-clock.js"
export { auditStoreChecks } from "./testing/audit.js"
export type { Bench, Check, OpenBench, OwnedBench } from "./testing/check.js"
export { credentialRecord, newUser, randomEmail, sessionRecord, signInEntry } from "./testing/fixtures.js"
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
  credentialOutageChecks,
  sessionOutageChecks,
  userOutageChecks,
} from "./testing/outage.js"
export { race } from "./testing/race.js"
export { type SessionUserBench, sessionUserChecks } from "./testing/sessions/users.js"
export {
  atomicStoreChecks,
  credentialStoreChecks,
  sessionStoreChecks,
  staleSessionStoreChecks,
  userStoreChecks,
} from "./testing/store-checks.js"
export { type TestClient, type TestRequest, testClient } from "./testing/test-client.js"
export { type TestHasher, testHasher } from "./testing/test-hasher.js"

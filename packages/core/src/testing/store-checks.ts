import type { AtomicStore, ConsentStore, CredentialStore, SessionStore, UserStore } from "../stores/ports.js"
import { atomicExpiryChecks } from "./atomic/expiry.js"
import { atomicRaceChecks } from "./atomic/races.js"
import { atomicValueChecks } from "./atomic/values.js"
import type { AuditBench } from "./audit/bench.js"
import { auditChainChecks } from "./audit/chain.js"
import { auditErasureChecks } from "./audit/erasure.js"
import { auditQueryChecks } from "./audit/queries.js"
import { auditRecordChecks } from "./audit/records.js"
import type { Bench, Check, OwnedBench } from "./check.js"
import { consentRecordChecks } from "./consents/records.js"
import { credentialRaceChecks } from "./credentials/races.js"
import { credentialRecordChecks } from "./credentials/records.js"
import { sessionExpiryChecks } from "./sessions/expiry.js"
import { sessionRaceChecks } from "./sessions/races.js"
import { sessionRecordChecks } from "./sessions/records.js"
import { sessionRevocationChecks } from "./sessions/revocation.js"
import { staleRecordChecks } from "./sessions/stale-records.js"
import { staleRevocationChecks } from "./sessions/stale-revocation.js"
import { userRaceChecks } from "./users/races.js"
import { userRecordChecks } from "./users/records.js"

/** Everything that the port promises of an {@link AtomicStore}: values, expiry, races. */
export const atomicStoreChecks: readonly Check<Bench<AtomicStore>>[] = [
  ...atomicValueChecks,
  ...atomicExpiryChecks,
  ...atomicRaceChecks,
]

/**
 * Everything that the port promises of a {@link SessionStore} with `staleness` 0: records, expiry,
 * revocation, races.
 */
export const sessionStoreChecks: readonly Check<OwnedBench<SessionStore>>[] = [
  ...sessionRecordChecks,
  ...sessionExpiryChecks,
  ...sessionRevocationChecks,
  ...sessionRaceChecks,
]

/**
 * What the port promises of a {@link SessionStore} whose `staleness` is above 0. `a` and `b` are two locations, and
 * what one writes the other, and even itself, may not see until so many seconds have passed by the check's clock.
 * From then on what was ended is ended for everybody, whatever was written meanwhile by somebody who had not seen it;
 * and what was not ended is there.
 *
 * A store that lags behind the machine's clock instead of the given one cannot be held to these checks: put what lags
 * into a double that goes by the clock, as the adapter for Workers KV does.
 */
export const staleSessionStoreChecks: readonly Check<OwnedBench<SessionStore>>[] = [
  ...staleRecordChecks,
  ...staleRevocationChecks,
]

/** Everything that the port promises of a {@link UserStore}: records, races. */
export const userStoreChecks: readonly Check<Bench<UserStore>>[] = [...userRecordChecks, ...userRaceChecks]

/** Everything that the port promises of a {@link CredentialStore}: records, races. */
export const credentialStoreChecks: readonly Check<OwnedBench<CredentialStore>>[] = [
  ...credentialRecordChecks,
  ...credentialRaceChecks,
]

/**
 * Everything that the port promises of an `AuditStore`: records, queries, the chain against tampering, erasure. The checks may share a log,
 * one after the other; the events name random users, for whom the log needs no account.
 */
export const auditStoreChecks: readonly Check<AuditBench>[] = [
  ...auditRecordChecks,
  ...auditQueryChecks,
  ...auditChainChecks,
  ...auditErasureChecks,
]

/** Everything that the port promises of a {@link ConsentStore}. */
export const consentStoreChecks: readonly Check<OwnedBench<ConsentStore>>[] = [...consentRecordChecks]

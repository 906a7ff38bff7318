import type { EpochMs } from "@mortise/core"
import type { ObjectState } from "./object-state.js"

/** Removes what is over, by an alarm. */
export interface Sweep {
  /** Says that a row with this end was written. */
  expect(expiresAt: EpochMs): void
  /** Removes what is over, and sets the alarm for what is not. */
  run(): void
}

/**
 * What is over stays this long. Readers go by the clocks of their own machines, and a row that one of them still
 * takes for live must be there.
 */
const clockTolerance = 3_600_000

/** Alarms ring on the full minute, so that one does for all that ends within it. */
const minute = 60_000

/**
 * Housekeeping over tables that each have a column `expires_at`. At most one alarm is set, at the first end; with
 * nothing left none is, and the object sleeps.
 */
export function sweep({ storage }: ObjectState, tables: readonly string[]): Sweep {
  /** Unknown after a restart, until something is written. */
  let alarmAt: EpochMs | undefined

  function firstEnd(): EpochMs | undefined {
    const ends = tables.flatMap((table) => {
      const [row] = storage.sql.exec(`SELECT MIN(expires_at) AS first FROM ${table}`).toArray()
      return typeof row?.first === "number" ? row.first : []
    })
    return ends.length === 0 ? undefined : Math.min(...ends)
  }

  // Not awaited: the runtime holds back every answer until what was written is stored, an alarm included.
  function setAlarm(at: EpochMs): void {
    alarmAt = at
    void storage.setAlarm(at)
  }

  return {
    expect(expiresAt) {
      const known = alarmAt !== undefined
      const due = dueAt(known ? expiresAt : (firstEnd() ?? expiresAt))
      if (alarmAt === undefined || due < alarmAt) setAlarm(due)
    },
    run() {
      const over = Date.now() - clockTolerance
      for (const table of tables) storage.sql.exec(`DELETE FROM ${table} WHERE expires_at <= ?`, over)
      alarmAt = undefined
      const next = firstEnd()
      if (next !== undefined) setAlarm(dueAt(next))
    },
  }
}

function dueAt(expiresAt: EpochMs): EpochMs {
  return Math.ceil((expiresAt + clockTolerance) / minute) * minute
}

import type { Statement } from "./query.js"
import { type Settings, statementIn, tableIn } from "./settings.js"

/**
 * The user's session epoch is one row per user: a column of `users`, or a row of `session_epochs` where the
 * host keeps the users. Whoever opens or ends a user's sessions locks that row first, and this is all that
 * the race between them turns on.
 */
export interface EpochStatements {
  readonly read: Statement
  /** Raises the epoch: waits for every sign-in that holds the row, and whoever comes later sees it raised. */
  readonly raise: Statement
  /**
   * SQL that locks the row of the user in `$1` for the rest of the statement and gives its newest `id` and
   * `epoch`: a locking read in READ COMMITTED looks again at a row that it had to wait for, whatever the
   * statement's snapshot says.
   */
  readonly hold: string
  /** As `hold`, for a user who signs in and may have no row yet. */
  readonly holdOrMake: string
}

/** Builds the texts once, for one schema. */
export function epochStatements(settings: Settings): EpochStatements {
  return settings.users === "mortise" ? epochOfUser(settings) : epochByItself(settings)
}

function epochOfUser(settings: Settings): EpochStatements {
  const users = tableIn(settings, "users")
  const hold = `select id, session_epoch as epoch from ${users} where id = $1 for no key update`
  return {
    read: statementIn(settings, "epochs.read", `select session_epoch as epoch from ${users} where id = $1`),
    raise: statementIn(
      settings,
      "epochs.raise",
      `update ${users} set session_epoch = session_epoch + 1 where id = $1`,
    ),
    hold,
    // A user who is gone has no row, so gets no session.
    holdOrMake: hold,
  }
}

function epochByItself(settings: Settings): EpochStatements {
  const epochs = tableIn(settings, "session_epochs")
  return {
    read: statementIn(settings, "epochs.read", `select epoch from ${epochs} where user_id = $1`),
    raise: statementIn(
      settings,
      "epochs.raise",
      `insert into ${epochs} as e (user_id, epoch) values ($1, 1)
       on conflict (user_id) do update set epoch = e.epoch + 1`,
    ),
    hold: `select user_id as id, epoch from ${epochs} where user_id = $1 for no key update`,
    // What is not there cannot be locked, so the first sign-in makes the row. `do nothing` would not lock
    // the one that is there.
    holdOrMake: `insert into ${epochs} as e (user_id, epoch) values ($1, 0)
       on conflict (user_id) do update set epoch = e.epoch
       returning user_id as id, epoch`,
  }
}

import { MortiseObject, type ObjectState } from "../../src/durable-object.js"
import type { KeyValueNamespace, ObjectId, ObjectNamespace, ObjectStub } from "../../src/index.js"
import { suites } from "./suites.js"

/*
 * Runs in workerd: one check per request, by the names of its suite and its own.
 */

/** What the test worker is bound to. */
export interface TestEnv {
  readonly SESSIONS: KeyValueNamespace
  readonly OBJECTS: InspectedNamespace
  readonly BROKEN: ObjectNamespace
}

/** An object that can be looked into. */
export interface InspectedStub extends ObjectStub {
  /** How many rows each table has. */
  rows(): Promise<Record<string, number>>
  alarmAt(): Promise<number | null>
  runAlarm(): Promise<void>
  /** Drops a session's row. */
  forget(id: string): Promise<void>
  /** Rejects: whoever asks for it does not get an answer either. */
  restart(): Promise<void>
}

/** The binding of such objects. */
export interface InspectedNamespace extends ObjectNamespace {
  get(id: ObjectId): InspectedStub
}

interface InspectedState extends ObjectState {
  readonly storage: ObjectState["storage"] & { getAlarm(): Promise<number | null> }
  abort(reason: string): void
}

export class InspectedObject extends MortiseObject {
  readonly #state: InspectedState

  constructor(state: InspectedState, env: unknown) {
    super(state, env)
    this.#state = state
  }

  rows(): Record<string, number> {
    const count = (table: string): number => {
      const [row] = this.#state.storage.sql.exec(`SELECT COUNT(*) AS count FROM ${table}`).toArray()
      return Number(row?.count)
    }
    return Object.fromEntries(
      ["entries", "sessions", "epochs", "members"].map((table) => [table, count(table)]),
    )
  }

  alarmAt(): Promise<number | null> {
    return this.#state.storage.getAlarm()
  }

  /** The runtime keeps the name `alarm` to itself. */
  runAlarm(): void {
    this.alarm()
  }

  forget(id: string): void {
    this.#state.storage.sql.exec("DELETE FROM sessions WHERE id = ?", id)
  }

  restart(): void {
    this.#state.abort("restarted by a test")
  }
}

/** An object that is never reached. */
export class BrokenObject extends MortiseObject {
  constructor(...given: ConstructorParameters<typeof MortiseObject>) {
    super(...given)
    throw new Error("this object is broken")
  }
}

export default {
  async fetch(request: Request, env: TestEnv): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const name = searchParams.get("check")
    const check = suites[searchParams.get("suite") ?? ""]?.(env).find((each) => each.name === name)
    if (check === undefined) return new Response(`there is no check ${name}`, { status: 404 })
    try {
      await check.run()
      return new Response("held")
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 })
    }
  },
}

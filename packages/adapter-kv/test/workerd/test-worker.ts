import { MortiseObject } from "../../src/durable-object.js"
import type { KeyValueNamespace, ObjectNamespace } from "../../src/index.js"
import { suites } from "./suites.js"

/*
 * Runs in workerd: one check per request, by the names of its suite and its own.
 */

/** What the test worker is bound to. */
export interface TestEnv {
  readonly SESSIONS: KeyValueNamespace
  readonly OBJECTS: ObjectNamespace
  readonly BROKEN: ObjectNamespace
}

export class InspectedObject extends MortiseObject {}

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

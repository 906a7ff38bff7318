import { sessionOutageChecks } from "@mortise/core/testing"
import { test } from "vitest"
import { kvSessions } from "../../src/index.js"
import { memoryNamespace } from "../locations/memory-namespace.js"
import { recordedNamespace } from "./recorded-namespace.js"

/* Promise 6: a namespace that cannot be reached is no empty one. */

for (const check of sessionOutageChecks) {
  test(check.name, () =>
    check.run(() => {
      const { namespace } = recordedNamespace(memoryNamespace(), () => new Error("KV GET failed: 503"))
      const sessions = kvSessions(namespace)
      return { a: sessions, b: sessions }
    }),
  )
}

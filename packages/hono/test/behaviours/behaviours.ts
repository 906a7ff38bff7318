import { describe } from "vitest"
import { failingClosed } from "./failing-closed.js"
import { guarding } from "./guarding.js"
import type { Host } from "./host.js"
import { hostileHeaders } from "./hostile-headers.js"
import { loading } from "./loading.js"
import { paths } from "./paths.js"
import { signInCycle } from "./sign-in-cycle.js"
import { uploads } from "./uploads.js"

const behaviours = [signInCycle, guarding, failingClosed, loading, paths, hostileHeaders, uploads]

/** Everything that a binding must do, the same on every framework: one table, run on each host. */
export function describeHosts(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(host.name, () => {
      for (const behaviour of behaviours) behaviour(host)
    })
  }
}

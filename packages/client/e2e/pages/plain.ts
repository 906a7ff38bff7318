/** A page without a framework, whose client a test can reach. */
import { type AuthClient, createAuthClient } from "../../src/index.js"
import type { HostAuth } from "../../test/real-host.js"

declare global {
  interface Window {
    client: AuthClient<HostAuth>
    /** What a server has rendered into the page. */
    handed: Parameters<AuthClient<HostAuth>["handIn"]>[0] | undefined
  }
}

const { handed } = window
window.client = createAuthClient<HostAuth>(handed === undefined ? {} : { session: handed })

function show(): void {
  const { error, status, user } = window.client.get()
  document.body.textContent = `${status} ${user?.claims.email ?? ""} ${error?.reason ?? ""}`.trim()
}

show()
window.client.subscribe(show)

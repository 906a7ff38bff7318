/** A page that signs in by passkeys, whose client a test can reach. */
import { type AuthClient, createAuthClient } from "../../src/index.js"
import { type PasskeyClient, passkeysOver } from "../../src/passkey.js"
import type { HostAuth } from "../../test/real-host.js"

declare global {
  interface Window {
    client: AuthClient<HostAuth>
    passkeys: PasskeyClient
  }
}

window.client = createAuthClient<HostAuth>()
window.passkeys = passkeysOver(window.client)

/** A host with every flow that the package has: what the tables of this folder run over. A flow that is missing here fails every-flow.test.ts. */
import type { User } from "../../src/index.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { type AccountFacts, account } from "../oauth/accounts.js"
import type { HostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { type OAuthAppOptions, type OAuthHost, oauthApp } from "../oauth/oauth-app.js"

/** The host, and ada's account in it. */
export interface EveryFlow extends OAuthHost {
  readonly user: User
}

export async function everyFlow(
  remote: HostileProvider,
  facts: AccountFacts = {},
  options: OAuthAppOptions = {},
): Promise<EveryFlow> {
  const host = oauthApp(remote, options)
  return { ...host, user: await account(host, facts) }
}

/** Signs ada in by her password and answers her browser. */
export async function signedInByPassword(
  host: Pick<OAuthHost, "browser">,
  browser: TestClient = host.browser(),
): Promise<TestClient> {
  const answer = await browser.post("/auth/login", { json: ada })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}`)
  return browser
}

export function tokenOf(browser: TestClient): string {
  return browser.cookies.get("__Host-session") ?? ""
}

/** What ties a browser to its attempts at a provider. */
export function bindingOf(browser: TestClient): string {
  return browser.cookies.get("__Host-oauth") ?? ""
}

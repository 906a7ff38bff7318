/** A host with every flow that the package has: what the tables of this folder run over. A flow that is missing here fails every-flow.test.ts. */
import { opaque, type SessionStrategy, type User } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import type { MagicLinkMail } from "../../src/magic-link.js"
import type { Json } from "../../src/stores/ports.js"
import type { TestClient } from "../../src/testing/test-client.js"
import { ada } from "../app.js"
import { ground } from "../ground.js"
import { attemptIn, settled, tokenIn } from "../magic-link/mail-app.js"
import { type AccountFacts, account } from "../oauth/accounts.js"
import type { HostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { type OAuthAppOptions, type OAuthHost, oauthApp } from "../oauth/oauth-app.js"

/** The ways of keeping sessions that end at once when something ends them: the tables run over each, on servers over the first. */
export const strategies: Readonly<Record<string, () => SessionStrategy>> = {
  opaque: () => opaque({ idle: "24h", absolute: "30d" }),
  ...(ground.everyStrategy && {
    "jwt, a record per session": () => jwt(),
    "jwt, an epoch per user": () => jwt({ revocation: "user" }),
  }),
}

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

/** What came by mail, and what the browser holds that asked for it. */
export interface Mailed {
  readonly browser: TestClient
  readonly mail: MagicLinkMail<"en" | "de", Json | undefined>
  /** In the link. */
  readonly token: string
  readonly code: string
  /** The half of the code that is not in the mail. */
  readonly attempt: string
}

/** The token of the oldest mail of this kind that nobody has looked at. */
export async function tokenMailed(
  { accountMail }: Pick<OAuthHost, "accountMail">,
  kind: "verify_email" | "confirm_email" | "email_changed" | "reactivate_account",
): Promise<string> {
  const { url } = await accountMail.nextAccountMail(kind)
  return new URL(url).searchParams.get("token") ?? ""
}

export const newEmail = "ada@new.example"

/** Asks in this browser for another address for ada, and answers the token of the link that was mailed there. */
export async function changeTokenOf(
  host: Pick<OAuthHost, "accountMail" | "auth">,
  browser: TestClient,
): Promise<string> {
  const asked = await host.auth.flows.email.requestChange({ email: newEmail }, { token: tokenOf(browser) })
  if (!asked.ok) throw new Error(asked.reason)
  return tokenMailed(host, "confirm_email")
}

/** Has another address for ada, whose own was proven, and answers the token of the link that takes that back. */
export async function undoTokenOf(host: EveryFlow, browser: TestClient): Promise<string> {
  await host.stores.users.update(host.user.id, { emailVerifiedAt: host.clock() })
  const token = await changeTokenOf(host, browser)
  const answer = await browser.post("/auth/email/confirm", { json: { token } })
  if (answer.status !== 200) throw new Error(`change answered ${answer.status}`)
  return tokenMailed(host, "email_changed")
}

/** Asks for a new password for ada, and answers the link's token. */
export async function resetTokenOf({
  accountMail,
  auth,
}: Pick<OAuthHost, "accountMail" | "auth">): Promise<string> {
  await auth.flows.password.forgot({ email: ada.email })
  const { url } = await accountMail.nextAccountMail("reset_password")
  return new URL(url).searchParams.get("token") ?? ""
}

/** Asks for a mail in this browser. */
export async function mailed(
  host: Pick<OAuthHost, "browser" | "mails">,
  browser: TestClient = host.browser(),
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Mailed> {
  const before = host.mails.length
  const answer = await browser.post("/auth/magic-link", { json: { email: ada.email, ...fields } })
  await settled()
  const mail = host.mails[before]
  if (answer.status !== 202 || !mail) throw new Error(`no mail: ${answer.status}`)
  return { browser, mail, token: tokenIn(mail), code: mail.code ?? "", attempt: attemptIn(browser) }
}

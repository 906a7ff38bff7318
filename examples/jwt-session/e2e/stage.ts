import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { launchBrowser, openVisit, type Visit } from "../../../tools/e2e/visit"
import type { PostgresService } from "../../../tools/services/postgres.d.mts"
import { startPostgres } from "../../../tools/services/postgres.mjs"
import { type AlmanacAuth, createAlmanacAuth, type Differently } from "../src/auth/auth"
import { type OpenStores, openStores } from "../src/auth/stores"
import { readSettings, type SessionKind } from "../src/settings"
import { dataDirectory, type RunningDemo, startDemo } from "./running-demo"

/** A demo on a PostgreSQL of its own, with browsers, and with other servers of the same application where a test needs one. */
export interface Stage {
  readonly demo: RunningDemo
  readonly url: string
  readonly postgres: PostgresService
  readonly browser: Browser
  readonly stores: OpenStores
  /** The same application in this process, with a clock or realm of its own. */
  another(differently?: Differently): AlmanacAuth
  close(): Promise<void>
}

/** How it is started: with which sessions, and whatever else the environment says. */
export async function openStage(
  sessions: SessionKind,
  env: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const [postgres, data, browser] = await Promise.all([startPostgres(), dataDirectory(), launchBrowser()])
  const given = { SESSIONS: sessions, DATABASE_URL: postgres.url, DATA_DIR: data.path, ...env }
  const demo = await startDemo(given)
  const settings = readSettings({
    NODE_ENV: "test",
    SESSION_LIFETIME: "120",
    SESSION_GRACE: "60",
    // Nobody is asked to sign in by this one.
    GITHUB_CLIENT_ID: "almanac",
    GITHUB_CLIENT_SECRET: "unused",
    ...given,
    ORIGIN: demo.url,
    AUTH_SECRET: await readFile(join(data.path, "auth-secret"), "utf8"),
    JWT_PRIVATE_KEY: await readFile(join(data.path, "jwt-key.pem"), "utf8"),
  })
  const stores = openStores(settings)
  return {
    demo,
    url: demo.url,
    postgres,
    browser,
    stores,
    another: (differently) => createAlmanacAuth(settings, stores, differently),
    async close() {
      await Promise.all([browser.close(), demo.stop(), stores.close()])
      await Promise.all([postgres.stop(), data.remove()])
    },
  }
}

export function newName(): string {
  return `user-${crypto.randomUUID().slice(0, 8)}`
}

/** Signs in by way of the stand-in, from the sign-in page on, which is open. */
export async function signInAtGitHub(page: Page, name: string, sponsor = false): Promise<void> {
  await page.getByRole("button", { name: "Continue with GitHub" }).click()
  await page.getByLabel("Username").fill(name)
  if (sponsor) await page.getByRole("checkbox").check()
  await page.getByRole("button", { name: "Sign in and allow" }).click()
}

/** Somebody who has signed in through GitHub and is at their desk. */
export async function signedInAtGitHub(
  stage: Stage,
  sponsor = false,
): Promise<Visit & { readonly name: string }> {
  const visit = await openVisit(stage.browser)
  const name = newName()
  await visit.page.goto(`${stage.url}/desk`)
  await signInAtGitHub(visit.page, name, sponsor)
  await visit.page.getByRole("heading", { name: `Good to see you, ${name}` }).waitFor()
  return { ...visit, name }
}

/** Somebody at their desk, whose session another server of ours has opened: as good, and quicker. */
export async function signedIn(stage: Stage): Promise<Visit & { readonly name: string }> {
  const visit = await openVisit(stage.browser)
  const name = newName()
  await present(stage, visit.page, await minted(stage, name))
  await visit.page.goto(`${stage.url}/desk`)
  await visit.page.getByRole("heading", { name: `Good to see you, ${name}` }).waitFor()
  return { ...visit, name }
}

/** A token of this user's, whom there may not have been before, from another server of ours. */
export async function minted(stage: Stage, name: string, differently?: Differently): Promise<string> {
  const email = `${name}@users.example`
  const { members } = stage.stores
  const fresh = { email, emailVerifiedAt: Date.now(), createdAt: Date.now(), profile: { username: name } }
  const member = (await members.create(fresh)) ?? (await members.findByEmail(email))
  if (!member) throw new Error(`${name} is nobody.`)
  const { sessions } = stage.another(differently)
  const opened = await sessions.open(await sessions.begin(member.id), member, ["fed"], {})
  return opened.ok ? opened.session.token : ""
}

/** The `Cookie` header of somebody who is signed in. */
export async function mintedCookie(stage: Stage): Promise<string> {
  return `__Host-session=${await minted(stage, newName())}`
}

/** Puts a token into the browser as if it had signed in with it. */
export async function present(stage: Stage, page: Page, value: string): Promise<void> {
  const place = { domain: new URL(stage.url).hostname, path: "/", secure: true, httpOnly: true } as const
  await page.context().addCookies([{ name: "__Host-session", value, sameSite: "Lax", ...place }])
}

/** The session's cookie, as a `Cookie` header. */
export async function cookieOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies()
  const session = cookies.find(({ name }) => name === "__Host-session")
  return session ? `__Host-session=${session.value}` : ""
}

/** Path and query. */
export function placeOf(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return pathname + search
}

/** Whom a realm's rule does not let in gets no session, whatever the way. */
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { type AuthEvent, opaque, type Rule } from "../../src/index.js"
import { type RealmDefinition, realm } from "../../src/realms.js"
import { refreshTokens } from "../../src/refresh.js"
import { ada, eve } from "../app.js"
import { settled } from "../magic-link/mail-app.js"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { comeBack, depart, type OAuthAppOptions, type OAuthHost } from "../oauth/oauth-app.js"
import { squattedAccount } from "../oauth/squatted-account.js"
import { authenticator, registered, requestOptions } from "../passkey/passkey-app.js"
import { everyFlow, mailed } from "./every-flow.js"

const remote = await startHostileProvider()
beforeEach(() => remote.reset())
afterAll(() => remote.stop())

const words = "This part is for others."
const owner = { sub: "1", email: ada.email, email_verified: true }

/** A realm over the whole host whose door can be closed. */
interface Door {
  closed: boolean
  readonly realm: RealmDefinition<Record<never, never>>
}

function door(): Door {
  const state: Pick<Door, "closed"> = { closed: false }
  const signInRule: Rule<object> = () => !state.closed || { message: words }
  return Object.assign(state, { realm: realm({ name: "default", signInRule }) })
}

/** A way in: what is done while the door is open, and the last request, which would open the session. */
type Way = (
  open: (options?: OAuthAppOptions) => Promise<OAuthHost>,
  close: () => void,
) => Promise<{ readonly host: OAuthHost; readonly answer: Response }>

const json = { json: ada }

const ways: Readonly<Record<string, Way>> = {
  async password(open, close) {
    const host = await open()
    close()
    return { host, answer: await host.browser().post("/auth/login", json) }
  },
  async "password, by form"(open, close) {
    const host = await open()
    close()
    return { host, answer: await host.browser().post("/auth/login", { form: ada }) }
  },
  async "password, for tokens"(open, close) {
    const host = await open({ sessions: refreshTokens({ beside: opaque() }) })
    close()
    const headers = { "mortise-session": "tokens" }
    return { host, answer: await host.browser().post("/auth/login", { ...json, headers }) }
  },
  async registration(open, close) {
    const host = await open({ password: { registration: "immediate" } })
    close()
    return { host, answer: await host.browser().post("/auth/register", { json: eve }) }
  },
  async "a passkey"(open, close) {
    const host = await open()
    const mine = host.browser()
    await mine.post("/auth/login", json)
    const key = authenticator()
    await registered(mine, key)
    await mine.post("/auth/logout", { json: {} })
    // Her own session, in which she made it, was opened with the door open.
    host.events.splice(0)
    const browser = host.browser()
    const response = key.get(await requestOptions(browser))
    close()
    return { host, answer: await browser.post("/auth/passkey/sign-in", { json: { response } }) }
  },
  async "a link"(open, close) {
    const host = await open()
    await host.stores.users.update((await host.stores.users.findByEmail(ada.email))?.id ?? "", {
      emailVerifiedAt: 1,
    })
    const { browser, token } = await mailed(host)
    close()
    return { host, answer: await browser.post("/auth/magic-link/confirm", { json: { token } }) }
  },
  async "a link, to an account that nobody verified"(open, close) {
    const host = await open()
    const { browser, token } = await mailed(host)
    close()
    return { host, answer: await browser.post("/auth/magic-link/confirm", { json: { token, claim: true } }) }
  },
  async "a link, in one click"(open, close) {
    const host = await open()
    await host.stores.users.update((await host.stores.users.findByEmail(ada.email))?.id ?? "", {
      emailVerifiedAt: 1,
    })
    const { browser, token } = await mailed(host)
    close()
    return { host, answer: await browser.get(`/auth/magic-link/confirm?token=${encodeURIComponent(token)}`) }
  },
  async "a code"(open, close) {
    const host = await open()
    await host.stores.users.update((await host.stores.users.findByEmail(ada.email))?.id ?? "", {
      emailVerifiedAt: 1,
    })
    const { browser, code } = await mailed(host)
    close()
    return { host, answer: await browser.post("/auth/magic-link/code", { json: { code } }) }
  },
  async "a provider"(open, close) {
    const host = await open()
    remote.user = { sub: "77", email: "new@example.com", email_verified: true }
    const browser = host.browser()
    const { parameters } = await depart(browser, remote)
    close()
    return { host, answer: await comeBack(browser, parameters) }
  },
  async "a claim by a provider"(_, close) {
    const state = doors.at(-1)
    const host = await squattedAccount(remote, state ? { realm: state.realm } : {})
    host.events.length = 0
    await host.stores.sessions.deleteByUser(host.user.id)
    close()
    return { host, answer: await host.owner.post("/auth/oauth/claim", { json: {} }) }
  },
}

const doors: Door[] = []

describe.each(Object.keys(ways))("by %s", (name) => {
  test("whom the realm's rule refuses gets no session, and hears why", async () => {
    const state = door()
    doors.push(state)
    remote.user = owner
    const way = ways[name] as Way
    const { answer, host } = await way(
      (options) => everyFlow(remote, {}, { ...options, realm: state.realm }),
      () => {
        state.closed = true
      },
    )
    await settled()
    expect(await told(answer)).toBe(true)
    expect(answer.headers.getSetCookie().filter((cookie) => /^__Host-session=[^;]/.test(cookie))).toEqual([])
    expect(await liveSessions(host)).toEqual([])
    expect(host.events.filter(isOpening)).toEqual([])
    expect(host.faults).toEqual([])
    if (name === "registration" || name.startsWith("a claim")) return
    expect(host.events).toContainEqual(
      expect.objectContaining({ type: "sign_in.refused", cause: "not_admitted" }),
    )
  })
})

/** A script reads the rule's own words, and so does who clicked a link; a form's browser is led to a page with the reason. */
async function told(answer: Response): Promise<boolean> {
  const location = answer.headers.get("location")
  if (location !== null)
    return new URL(location, "https://app.example.com").searchParams.get("error") === "forbidden"
  if (answer.headers.get("content-type")?.includes("html")) {
    return answer.status === 403 && (await answer.text()).includes(words)
  }
  const { detail, reason } = (await answer.json()) as { detail?: string; reason?: string }
  return answer.status === 403 && reason === "forbidden" && detail === words
}

async function liveSessions({ stores }: OAuthHost): Promise<readonly string[]> {
  const users = await stores.users.list({ limit: 10 })
  const all = await Promise.all(users.map(({ id }) => stores.sessions.listByUser(id)))
  return all.flat().map(({ id }) => id)
}

function isOpening({ type }: AuthEvent): boolean {
  return type === "session.opened" || type === "sign_in.succeeded"
}

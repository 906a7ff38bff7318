import assert from "node:assert/strict"
import { type AnyAuth, type AuthEvent, createAuth, opaque, type User, type UserStore } from "@mortise/core"
import { magicLink } from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { refreshTokens } from "@mortise/core/refresh"
import { adjustableClock, race } from "@mortise/core/testing"
import { modelled, playFamilies } from "../../../core/test/refresh/family-model.js"
import { tokenApp, withAda } from "../../../core/test/refresh/token-app.js"
import { durableObjectStores, type ObjectNamespace } from "../../src/index.js"

/** Two Workers of one site: an `Auth` each, with objects and users in common. The mails are kept. */
function twoWorkers(objects: ObjectNamespace) {
  const { users } = memoryStores()
  const tokens: string[] = []
  const events: AuthEvent[] = []
  const worker = () => authOver(objects, users, tokens, events)
  return { a: worker(), b: worker(), users, tokens, events }
}

function authOver(objects: ObjectNamespace, users: UserStore<User>, tokens: string[], events: AuthEvent[]) {
  return createAuth({
    origin: "https://app.example.com",
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores: { users, ...durableObjectStores(objects) },
    sessions: refreshTokens({ beside: opaque() }),
    flows: {
      magicLink: magicLink({
        send: async ({ url }) => void tokens.push(new URL(url).searchParams.get("token") ?? ""),
        limits: { address: { limit: 100, window: "1h" }, network: { limit: 1_000, window: "1h" } },
      }),
    },
    on: (event) => void events.push(event),
  })
}

function asking(auth: AnyAuth, token: string) {
  const cookie = `__Host-session=${token}`
  return auth.authenticate({
    method: "GET",
    target: "/",
    header: (name) => (name === "cookie" ? cookie : null),
  })
}

async function mailed({ a, tokens }: ReturnType<typeof twoWorkers>, email: string): Promise<string> {
  const before = tokens.length
  const started = await a.flows.magicLink.start({ email, locale: "en" })
  assert.equal(started.ok, true)
  while (tokens.length === before) await new Promise((resolve) => setTimeout(resolve, 1))
  return tokens.at(-1) ?? ""
}

async function signedIn(workers: ReturnType<typeof twoWorkers>, email: string) {
  const entered = await workers.a.flows.magicLink.confirm({ token: await mailed(workers, email) })
  assert.ok(entered.ok)
  return entered
}

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly reason?: string
}

async function asked(auth: AnyAuth, path: string, json: object): Promise<Tokens> {
  const headers = { "content-type": "application/json", "mortise-session": "tokens" }
  const request = new Request(`https://app.example.com/auth/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(json),
  })
  return (await auth.handle(request)).json()
}

async function tokensFor(workers: ReturnType<typeof twoWorkers>, email: string): Promise<Tokens> {
  return asked(workers.a, "magic-link/confirm", { token: await mailed(workers, email) })
}

/** What a site over Durable Objects promises, by name. Each uses addresses and users of its own. */
export const authChecks: Readonly<Record<string, (objects: ObjectNamespace) => Promise<void>>> = {
  "a session that one Worker revokes is refused by the other in its next request": async (objects) => {
    const workers = twoWorkers(objects)
    const { session, user } = await signedIn(workers, "revoked@example.com")
    assert.equal((await asking(workers.b, session.token)).principal?.userId, user.id)
    assert.equal(await workers.a.sessions.endAll(user.id, "revoked", {}), 1)
    assert.equal((await asking(workers.b, session.token)).principal, undefined)
  },

  "an account that one Worker disables is out at the other at once, links on their way included": async (
    objects,
  ) => {
    const workers = twoWorkers(objects)
    const { session, user } = await signedIn(workers, "disabled@example.com")
    const token = await mailed(workers, "disabled@example.com")
    await workers.a.users.disable(user.id)
    await workers.a.users.enable(user.id)
    assert.equal((await asking(workers.b, session.token)).principal, undefined)
    const entered = await workers.b.flows.magicLink.confirm({ token })
    assert.deepEqual(entered, { ok: false, reason: "link_expired" })
  },

  "of sixteen at two Workers one gets in by a link, and one user is made": async (objects) => {
    const workers = twoWorkers(objects)
    const token = await mailed(workers, "sixteen@example.com")
    const outcomes = await race(16, [
      () => workers.a.flows.magicLink.confirm({ token }),
      () => workers.b.flows.magicLink.confirm({ token }),
    ])
    assert.equal(outcomes.filter(({ ok }) => ok).length, 1)
    assert.equal((await workers.users.list({ limit: 10 })).length, 1)
  },

  "of 32 refreshes at two Workers all get the one successor": async (objects) => {
    const workers = twoWorkers(objects)
    const { refresh_token } = await tokensFor(workers, "refreshing@example.com")
    const refresh = (auth: AnyAuth) => () => asked(auth, "refresh", { refresh_token })
    const heard = await race(32, [refresh(workers.a), refresh(workers.b)])
    const successors = new Set(heard.map((tokens) => tokens.refresh_token))
    assert.deepEqual([successors.size, successors.has(refresh_token)], [1, false])
    for (const { access_token } of heard) assert.ok(await workers.b.sessions.read(access_token))
  },

  "a refresh token that is too old ends the family at both Workers, told once": async (objects) => {
    const workers = twoWorkers(objects)
    const first = await tokensFor(workers, "stolen@example.com")
    const second = await asked(workers.a, "refresh", first)
    const third = await asked(workers.b, "refresh", second)
    const heard = await race(16, [
      () => asked(workers.a, "refresh", first),
      () => asked(workers.b, "refresh", first),
    ])
    assert.deepEqual(new Set(heard.map(({ reason }) => reason)), new Set(["refresh_token_reused"]))
    assert.equal(workers.events.filter(({ type }) => type === "refresh_token.reused").length, 1)
    assert.equal(await workers.b.sessions.read(third.access_token), undefined)
    assert.equal((await asked(workers.a, "refresh", third)).reason, "refresh_token_reused")
  },

  "any history of a family of refresh tokens goes as the model says": async (objects) => {
    // Objects sweep by the machine's clock, so that of the model is ahead of it.
    const clock = adjustableClock(Date.now() + 3_650 * 86_400_000)
    const stores = {
      ...memoryStores({ clock }),
      ...durableObjectStores(objects, { clock, prefix: "model:" }),
    }
    const { auth, user } = await withAda({ clock, stores, refresh: modelled })
    const twin = tokenApp({ clock, stores, refresh: modelled })
    const tally = await playFamilies({ auths: [auth, twin.auth], clock, userId: user.id }, 40)
    for (const name of ["rotated", "reused", "revoked", "over", "alive"]) {
      assert.ok((tally[name] ?? 0) > 2, name)
    }
  },

  "of two hundred mails asked for at two Workers the limit's leave": async (objects) => {
    const workers = twoWorkers(objects)
    const start = (auth: typeof workers.a) => () =>
      auth.flows.magicLink.start({ email: "flood@example.com", locale: "en" })
    const outcomes = await race(200, [start(workers.a), start(workers.b)])
    assert.equal(outcomes.filter(({ ok }) => ok).length, 100)
  },
}

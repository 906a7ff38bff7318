/** What the store knows, and when it asks: on real servers, with a clock that is moved. */

import { opaque } from "@mortise/core"
import { jwt } from "@mortise/core/jwt"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type CookieJar, clientOf, cookieJar, openPage, until } from "./browser.js"
import { ada, eve, gate, type RealHost, startHost } from "./real-host.js"

let host: RealHost
beforeEach(async () => {
  host = await startHost({ sessions: opaque({ idle: "1h", absolute: "2d" }) })
})
afterEach(() => host.close())

/** The cookies of somebody who is signed in. */
async function signedIn(account: typeof ada = ada): Promise<CookieJar> {
  const jar = cookieJar()
  expect(await clientOf(host, jar).login(account)).toMatchObject({ ok: true })
  host.asked.length = 0
  return jar
}

const reads = (): number => host.asked.filter((request) => request === "GET /auth/session").length

describe("asking", () => {
  test("nothing is asked before somebody listens, then once however many do", async () => {
    openPage()
    const client = clientOf(host, await signedIn())
    expect(client.get().status).toBe("loading")
    const stops = Array.from({ length: 50 }, () => client.subscribe(() => {}))
    // As React's StrictMode does.
    for (const stop of stops) stop()
    for (let index = 0; index < 50; index++) client.subscribe(() => {})
    await until(client, ({ status }) => status === "signed_in")
    expect(reads()).toBe(1)
    await client.sessions()
    await Promise.all([client.refresh(), client.refresh(), client.refresh()])
    expect(reads()).toBe(2)
  })

  test("a listener hears of changes only, and the state is the same object until then", async () => {
    openPage()
    const client = clientOf(host, await signedIn())
    const heard: string[] = []
    client.subscribe(() => heard.push(client.get().status))
    await until(client, ({ status }) => status === "signed_in")
    const state = client.get()
    await client.refresh()
    expect(client.get()).toBe(state)
    expect(heard).toEqual(["signed_in"])
  })

  test("a listener that has stopped hears nothing, though the same function listens still", async () => {
    const client = clientOf(host, await signedIn())
    let heard = 0
    const listener = (): void => void heard++
    const stop = client.subscribe(listener)
    client.subscribe(listener)
    stop()
    await client.refresh()
    expect(heard).toBe(1)
  })

  test("on a server nothing is asked", async () => {
    const client = clientOf(host, await signedIn())
    client.subscribe(() => {})
    client.handIn(null)
    expect((await client.sessions()).ok).toBe(true)
    expect(reads()).toBe(0)
  })

  test("a session that was handed in is not asked for, until it is stale", async () => {
    const page = openPage()
    const jar = await signedIn()
    const { session, user } = await clientOf(host, jar).refresh()
    host.asked.length = 0
    const client = clientOf(host, jar, { session: { user, session } as never })
    client.subscribe(() => {})
    expect(client.get()).toMatchObject({ status: "signed_in", user: { claims: { email: ada.email } } })
    page.turnTo()
    await client.sessions()
    expect(reads()).toBe(0)
  })

  test("what is handed in may be a principal, a visitor, or the JSON of the route", async () => {
    const jar = await signedIn()
    const header = [...jar.cookies].map((pair) => pair.join("=")).join("; ")
    const { principal } = await host.auth.authenticate({
      method: "GET",
      target: "/",
      header: (name) => (name === "cookie" ? header : null),
    })
    if (!principal) throw new Error("nobody")
    const { claims, session, userId } = principal
    const known = { status: "signed_in", user: { id: userId, claims }, session, error: null }
    expect(clientOf(host, jar, { session: principal }).get()).toEqual(known)
    expect(clientOf(host, jar, { session: { user: { id: userId, claims }, session } }).get()).toEqual(known)
    expect(clientOf(host, jar, { session: null }).get().status).toBe("signed_out")
  })

  test("a session that is over by our clock is asked for, though it was handed in", async () => {
    openPage()
    const jar = await signedIn()
    const { session, user } = await clientOf(host, jar).refresh()
    host.clock.advance(3_600_000)
    const client = clientOf(host, jar, { session: { user, session } as never })
    await until(client, ({ status }) => status === "signed_out")
  })

  test("something else that is handed in later makes the store ask which is true", async () => {
    openPage()
    const client = clientOf(host, await signedIn())
    client.subscribe(() => {})
    await until(client, ({ status }) => status === "signed_in")
    const state = client.get()
    const before = reads()
    client.handIn({ user: state.user, session: state.session } as never)
    await client.sessions()
    expect(reads()).toBe(before)
    client.handIn(null)
    await client.sessions()
    await expect.poll(reads).toBe(before + 1)
    expect(client.get().status).toBe("signed_in")
  })
})

describe("an answer that is late", () => {
  test("does not undo a sign-out that was called meanwhile", async () => {
    const client = clientOf(host, await signedIn())
    const { arrived, release } = gate(host, ({ url }) => url.endsWith("/session"))
    const late = client.refresh()
    await arrived
    expect(await client.logout()).toEqual({ ok: true })
    release()
    await late
    expect(client.get().status).toBe("signed_out")
  })

  test("does not undo a sign-in that was called meanwhile", async () => {
    const client = clientOf(host)
    const { arrived, release } = gate(
      host,
      ({ headers, url }) => url.endsWith("/session") && !headers.get("cookie"),
    )
    const late = client.refresh()
    await arrived
    expect(await client.login(ada)).toMatchObject({ ok: true })
    release()
    await late
    expect(client.get().status).toBe("signed_in")
  })

  test("to a question during a sign-out does not undo it", async () => {
    const client = clientOf(host, await signedIn())
    const { arrived, release } = gate(host, ({ url }) => url.endsWith("/logout"))
    const out = client.logout()
    await arrived
    const asked = client.refresh()
    release()
    await Promise.all([out, asked])
    expect(client.get().status).toBe("signed_out")
  })

  test("does not undo what another tab has found out since", async () => {
    openPage()
    const jar = await signedIn()
    const [here, there] = [clientOf(host, jar), clientOf(host, jar)]
    await Promise.all([here.refresh(), there.refresh()])
    host.clock.advance(1_000)
    const { arrived, release } = gate(host, ({ url }) => url.endsWith("/session"))
    const late = here.refresh()
    await arrived
    host.clock.advance(1_000)
    await there.logout()
    await until(here, ({ status }) => status === "signed_out")
    release()
    expect((await late).status).toBe("signed_out")
  })
})

describe("a server that cannot answer signs nobody out", () => {
  test.each([
    ["503", new Response("", { status: 503 }), "unavailable"],
    ["500", new Response("", { status: 500 }), "unavailable"],
    ["429", new Response("", { status: 429 }), "rate_limited"],
    ["a page instead of JSON", new Response("<!doctype html>"), "unexpected_answer"],
    ["other JSON", Response.json({ user: { id: 1 }, session: {} }), "unexpected_answer"],
    ["403 from something in between", new Response("", { status: 403 }), "unexpected_answer"],
    ["401 from something in between", new Response("", { status: 401 }), "unexpected_answer"],
  ])("%s", async (_, response, reason) => {
    const client = clientOf(host, await signedIn())
    const { session, user } = await client.refresh()
    host.front = () => response.clone()
    expect(await client.refresh()).toMatchObject({
      status: "signed_in",
      user,
      session,
      error: { ok: false, reason },
    })
    expect(await client.renew()).toMatchObject({
      status: "signed_in",
      user,
      session,
      error: { ok: false, reason },
    })
    host.front = () => undefined
    expect(await client.refresh()).toMatchObject({ status: "signed_in", user, error: null })
  })

  test("no network", async () => {
    const jar = await signedIn()
    let cut = false
    const client = clientOf(host, {
      ...jar,
      fetch: (input, init) => (cut ? fetch("http://localhost:1", init) : jar.fetch(input, init)),
    })
    await client.refresh()
    cut = true
    expect(await client.refresh()).toMatchObject({
      status: "signed_in",
      error: { reason: "network", status: 0 },
    })
  })

  test("nor does it sign anybody in who was not", async () => {
    const client = clientOf(host)
    host.front = () => new Response("", { status: 503 })
    expect(await client.refresh()).toMatchObject({
      status: "loading",
      user: null,
      error: { reason: "unavailable" },
    })
  })

  test("it is asked again when it may be, and not before", async () => {
    openPage()
    host.front = () => new Response("", { status: 503, headers: { "retry-after": "1" } })
    const client = clientOf(host, await signedIn().catch(() => cookieJar()), { clock: Date.now })
    await until(client, ({ error }) => error !== null)
    host.front = () => undefined
    await until(client, ({ status, error }) => status === "signed_out" && error === null)
    expect(reads()).toBe(2)
  })
})

describe("renewing", () => {
  test("moves the end of the session on", async () => {
    const client = clientOf(host, await signedIn())
    const before = (await client.refresh()).session?.expiresAt ?? 0
    host.clock.advance(1_800_000)
    expect((await client.renew()).session?.expiresAt).toBe(before + 1_800_000)
    expect(host.asked).toContain("POST /auth/refresh")
  })

  test("of a session that has ended signs out", async () => {
    const client = clientOf(host, await signedIn())
    const { user } = await client.refresh()
    await host.auth.sessions.endAll(user?.id ?? "", "revoked", {})
    expect((await client.renew()).status).toBe("signed_out")
  })

  test("a look does not prolong a token in its grace period, a question does", async () => {
    await host.close()
    host = await startHost({ sessions: jwt({ lifetime: "10m", grace: "5m" }) })
    const jar = await signedIn()
    const before = new Map(jar.cookies)
    host.clock.advance(11 * 60_000)
    const look = await jar.fetch(`${host.url}/auth/session`, { headers: { "mortise-session": "peek" } })
    expect(await look.json()).toMatchObject({ user: { claims: { email: ada.email } } })
    expect(jar.cookies).toEqual(before)
    const asked = await jar.fetch(`${host.url}/auth/session`)
    expect(await asked.json()).toMatchObject({ user: { claims: { email: ada.email } } })
    expect(jar.cookies).not.toEqual(before)
  })
})

describe("the server's clock", () => {
  test.each([-7_200_000, 7_200_000])(
    "is known from its answers, however far ours is from it (%i ms)",
    async (ms) => {
      const jar = await signedIn()
      const client = clientOf(host, jar, { clock: () => host.clock() + ms })
      await client.refresh()
      expect(Math.abs(client.serverTime() - host.clock())).toBeLessThanOrEqual(1000)
    },
  )

  test.each([-7_200_000, 7_200_000])(
    "is taken from the session where the answers do not tell it (%i ms)",
    async (ms) => {
      await host.close()
      host = await startHost({ sessions: opaque({ idle: "1h", absolute: "2d" }), tellsTime: false })
      const jar = await signedIn()
      const client = clientOf(host, jar, { clock: () => host.clock() + ms })
      const { session } = await client.refresh()
      expect(client.serverTime()).toBe(session?.lastSeenAt)
    },
  )
})

describe("tabs", () => {
  test("of one application hear of each other's sign-in and sign-out, without a request", async () => {
    openPage()
    const jar = cookieJar()
    const [here, there] = [clientOf(host, jar), clientOf(host, jar)]
    await Promise.all([
      until(here, ({ status }) => status !== "loading"),
      until(there, ({ status }) => status !== "loading"),
    ])
    await here.login(ada)
    const before = host.asked.length
    await until(there, ({ status }) => status === "signed_in")
    expect(there.get()).toEqual(here.get())
    expect(host.asked.length).toBe(before)
    await there.logout()
    await until(here, ({ status }) => status === "signed_out")
  })

  test("of another application hear nothing", async () => {
    openPage()
    const [here, there] = [clientOf(host), clientOf(host, cookieJar(), { basePath: "/admin/auth" })]
    const heard: string[] = []
    there.subscribe(() => heard.push(there.get().status))
    await here.login(ada)
    const line = new BroadcastChannel(`mortise ${host.url}/auth`)
    await new Promise((resolve) => {
      line.onmessage = resolve
      void here.refresh()
    })
    line.close()
    expect(there.get().user).toBeNull()
  })

  test("tell no secrets", async () => {
    openPage()
    const jar = cookieJar()
    const line = new BroadcastChannel(`mortise ${host.url}/auth`)
    const heard: unknown[] = []
    const twice = new Promise<void>((resolve) => {
      line.onmessage = ({ data }) => heard.push(data) === 2 && resolve()
    })
    const client = clientOf(host, jar)
    await client.login(ada)
    await client.logout()
    await twice
    line.close()
    const [token = ""] = jar.cookies.values()
    expect(JSON.stringify(heard)).toContain(ada.email)
    for (const part of [ada.password, ...token.split(".").slice(1)].filter(Boolean)) {
      expect(JSON.stringify(heard)).not.toContain(part)
    }
  })

  test.each([
    undefined,
    null,
    "text",
    7,
    {},
    { at: "soon", user: null, session: null },
    { at: Number.POSITIVE_INFINITY },
    { at: 9e15, user: { id: 1 }, session: {} },
    { at: 9e15, user: { id: "eve" }, session: { id: "x" } },
  ])("do not believe what is no message of theirs (%j)", async (message) => {
    openPage()
    const client = clientOf(host, await signedIn())
    await until(client, ({ status }) => status === "signed_in")
    const line = new BroadcastChannel(`mortise ${host.url}/auth`)
    line.postMessage(message)
    // Messages of one channel come in their order.
    line.postMessage({
      at: 9e15,
      skew: 0,
      ...{ user: { id: "last", claims: {} }, session: client.get().session },
    })
    await until(client, ({ user }) => user?.id === "last")
    line.close()
    expect(client.get().session?.id).toBeTypeOf("string")
  })

  test("a session that was handed in to one is not believed by the others, who ask", async () => {
    openPage()
    const jar = await signedIn(eve)
    const client = clientOf(host, jar)
    client.subscribe(() => {})
    await until(client, ({ status }) => status === "signed_in")
    const known = client.get()
    const before = reads()
    const fromCache = clientOf(host, jar, { session: null })
    expect(fromCache.get().status).toBe("signed_out")
    await expect.poll(reads).toBe(before + 1)
    expect(client.get()).toBe(known)
    await until(fromCache, ({ status }) => status === "signed_in")
  })
})

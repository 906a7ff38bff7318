/** Sockets in the areas of realms: whom the realm refuses is refused here, by either way. */
import { expect, onTestFinished, test } from "vitest"
import { type LiveSockets, liveSockets } from "../../src/socket.js"
import { origin } from "../app.js"
import { shop } from "../realms/shop.js"
import { authenticate, calm, until } from "./socket-host.js"

function opened(
  sockets: LiveSockets<object>,
  target: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const all: Readonly<Record<string, string>> = { upgrade: "websocket", origin, ...headers }
  return sockets.admit({ method: "GET", target, header: (name) => all[name] }).then((admission) => {
    if (admission.answer) return { status: admission.answer.status, got: [], code: undefined, say() {} }
    const socket = { status: 101, got: [] as string[], code: undefined as number | undefined, say }
    const inlet = admission.open({
      send: (text) => void socket.got.push(JSON.parse(text).type),
      close(code) {
        socket.code = code
      },
    })
    function say(message: object): void {
      inlet.receive(JSON.stringify(message))
    }
    return socket
  })
}

async function storeSockets() {
  const host = await shop()
  const sockets = liveSockets(host.auths.store)
  onTestFinished(() => sockets.close())
  return { host, sockets }
}

test("the realm's own user comes in, by cookie, by header and by message", async () => {
  const { host, sockets } = await storeSockets()
  const { bearer, cookie, token } = await host.signIn("store", "store")
  const session = await host.auths.store.sessions.read(token)
  for (const headers of [cookie, bearer, { ...bearer, origin: "https://partner.example" }]) {
    const socket = await opened(sockets, "/store/ACME/live", headers)
    await calm()
    expect([socket.status, socket.got]).toEqual([101, ["AuthSuccess"]])
  }
  const byMessage = await opened(sockets, "/store/ACME/live")
  byMessage.say(authenticate(session?.userId ?? "", token))
  await until(() => byMessage.got.length)
  expect(byMessage.got).toEqual(["AuthSuccess"])
  expect(sockets.size).toBe(4)
})

test.each([
  ["/elsewhere", 404],
  ["/admin/live", 404],
  ["/%73tore/ACME/live", 404],
  ["//store/ACME/live", 404],
])("%s lies in no area of it: %i, whoever asks", async (target, status) => {
  const { host, sockets } = await storeSockets()
  const { cookie } = await host.signIn("store", "store")
  expect((await opened(sockets, target, cookie)).status).toBe(status)
  expect((await opened(sockets, target)).status).toBe(status)
})

test("another realm's token is none here", async () => {
  const { host, sockets } = await storeSockets()
  const { bearer, token } = await host.signIn("admin", "admin")
  const userId = (await host.auths.admin.sessions.read(token))?.userId ?? ""
  for (const headers of [bearer, { cookie: `store_token=${token}` }, {}]) {
    const socket = await opened(sockets, "/store/ACME/live", headers)
    await calm()
    expect(socket.got).toEqual([])
    socket.say(authenticate(userId, token))
    await until(() => socket.code)
    expect([socket.got, socket.code]).toEqual([["AuthFailure"], 4401])
  }
  expect(sockets.size).toBe(0)
})

test("whom the realm's rule refuses any more is closed when the session is read again", async () => {
  const { host, sockets } = await storeSockets()
  const { cookie, token } = await host.signIn("store", "store")
  const userId = (await host.auths.store.sessions.read(token))?.userId ?? ""
  const socket = await opened(sockets, "/store/ACME/live", cookie)
  await calm()
  host.roles.set("store@acme.com", "customer")
  await host.auths.admin.users.permissionsChanged(userId)
  const late = await opened(sockets, "/store/ACME/live")
  late.say(authenticate(userId, token))
  await until(() => late.code)
  expect(late.code).toBe(4401)
  // Another realm's Auth has ended it: nobody has told, so it is found out by the next read.
  expect(socket.code).toBeUndefined()
  const [live] = sockets
  host.clock.set(live?.principal.session.expiresAt ?? 0)
  live?.send("x")
  await until(() => socket.code)
  expect([socket.code, sockets.size]).toEqual([4401, 0])
})

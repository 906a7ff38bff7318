/** A host in workerd: sockets that outlive the request which opened them. */
import { createAuth, opaque } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { type LiveSockets, liveSockets } from "@mortise/core/socket"
import { testHasher } from "@mortise/core/testing"
import { Hono } from "hono"
import { mortise, serveSockets } from "../../src/index.js"

/** Not before a request: nothing random may be made while modules are loaded. */
function host(): { app: Hono; sockets: LiveSockets<object> } {
  const auth = createAuth({
    origin: "https://app.example.com",
    secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
    stores: memoryStores(),
    sessions: opaque({ idle: 4, absolute: 60 }),
    flows: { password: password({ hasher: testHasher() }) },
  })
  const sockets = liveSockets(auth, {
    authenticateWithin: 1,
    recheck: 1,
    onMessage: (_, data, socket) => void socket.send(`heard ${data}`),
  })
  const app = new Hono()
  app.use(mortise(auth))
  app.get("/ws", serveSockets(sockets))
  app.get("/size", (c) => c.text(String(sockets.size)))
  return { app, sockets }
}

let made: ReturnType<typeof host> | undefined

export default {
  fetch(request: Request, env: object, context: never): Response | Promise<Response> {
    made ??= host()
    return made.app.fetch(request, env, context)
  },
}

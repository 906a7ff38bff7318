import { serve, type WebSocketServerLike } from "@hono/node-server"
import { WebSocketServer } from "ws"
import { createApp } from "./app.js"
import { createParlourAuth } from "./auth.js"
import { createSenders } from "./mailbox/senders.js"
import { openRoom } from "./room/room.js"
import { readSettings } from "./settings.js"
import { openStores } from "./stores.js"

// One server. Any number may run on one database and one Redis: none keeps anything of its own but the sockets that are open on it.
const settings = readSettings(process.env)
const stores = await openStores(settings)
const senders = createSenders(settings)
const auth = createParlourAuth(settings, stores, senders)
const room = await openRoom({ ...stores, auth })
const app = createApp({ auth, origin: settings.origin, room, senders, stores })

// Its types leave open that an option is undefined, which those of the server do not.
const webSockets = new WebSocketServer({ noServer: true, maxPayload: room.sockets.maxBytes })
const server = serve(
  {
    fetch: app.fetch,
    port: settings.port,
    hostname: settings.host,
    websocket: { server: webSockets as WebSocketServerLike },
  },
  () => {
    console.log(`ready http://localhost:${settings.port}`)
    process.send?.("ready")
  },
)
server.on("error", (error: Error) => {
  console.error(error.message)
  process.exit(1)
})

// Tells sockets to come back elsewhere and lets requests under way finish; neither a browser that holds on to its connection nor a database that
// hangs is waited for.
let stopping = false
function stop(): void {
  if (stopping) return
  stopping = true
  setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), 3000).unref()
  setTimeout(() => process.exit(1), 5000).unref()
  server.close(async () => {
    await stores.close()
    process.exit()
  })
  room.close().catch((error: Error) => console.error(`Room: ${error.message}`))
}
process.on("SIGINT", stop)
process.on("SIGTERM", stop)
// Started by another program that is gone.
process.on("disconnect", stop)

import { createServer } from "node:http"
import { createApp } from "./app.js"
import { createCreatorAuth } from "./auth.js"
import { offeredProviders } from "./providers/offered-providers.js"
import { readSettings } from "./settings.js"
import { openStores } from "./stores.js"

// One server. Any number may run on one database and one Redis: none keeps anything of its own.
const settings = readSettings(process.env)
const stores = await openStores(settings)
const offered = offeredProviders(settings.origin, settings.providers)
const auth = createCreatorAuth(settings, stores.auth, offered)
const app = createApp({
  auth,
  articles: stores.articles,
  offer: {
    providers: auth.flows.oauth.providers,
    standIn: settings.providers.standIn !== undefined,
  },
  signInOrigins: offered.flatMap(({ signInOrigins }) => signInOrigins),
  // A password is kept under the id of its user.
  hasPassword: async (userId) => (await stores.auth.credentials.find("password", userId)) !== undefined,
})
const server = createServer(app)

server.on("error", (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(settings.port, settings.host, () => {
  console.log(`ready http://localhost:${settings.port}`)
  process.send?.("ready")
})

// Lets requests under way finish; neither a browser that holds on to its connection nor a database that hangs is waited for.
let stopping = false
function stop(): void {
  if (stopping) return
  stopping = true
  setTimeout(() => server.closeAllConnections(), 3000).unref()
  setTimeout(() => process.exit(1), 5000).unref()
  server.close(async () => {
    await stores.close()
    process.exit()
  })
}
process.on("SIGINT", stop)
process.on("SIGTERM", stop)
// Started by another program that is gone.
process.on("disconnect", stop)

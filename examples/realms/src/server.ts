import { createServer } from "node:http"
import { createApp } from "./app.js"
import { createDoors } from "./auth.js"
import { seed } from "./seed.js"
import { readSettings } from "./settings.js"
import { openStores } from "./stores.js"
import { trialRunner } from "./trials/run-trials.js"

const settings = readSettings(process.env)
const stores = await openStores(settings.dataDirectory)
const doors = createDoors(settings, stores)
await seed({
  ...stores,
  credentials: stores.auth.credentials,
  setPassword: (personId, password) => doors.site.realms.admin.flows.password.set(personId, password),
})
const listensTo = ["0.0.0.0", "::"].includes(settings.host) ? "127.0.0.1" : settings.host
const runTrials = trialRunner(`http://${listensTo}:${settings.port}`)
const server = createServer(createApp({ doors, stores, runTrials }))

server.on("error", (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(settings.port, settings.host, () => {
  console.log(`ready http://localhost:${settings.port}`)
  process.send?.("ready")
})

// Lets requests under way finish; a browser that holds on to its connection is not waited for.
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

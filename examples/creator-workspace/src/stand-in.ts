import { createServer } from "node:http"
import { readStandInSettings } from "./settings.js"
import { keptSigningKey } from "./stand-in/signing-key.js"
import { standIn } from "./stand-in/stand-in.js"

// An OpenID provider of our own that plays Google, GitHub and Microsoft, so that signing in through them can be tried, and tested, without
// registering there. It believes whatever it is told; a server takes it only as long as it runs on localhost itself.
const { url, host, application, dataDirectory } = readStandInSettings(process.env)
const signingKey = await keptSigningKey(dataDirectory)
const server = createServer(standIn({ url, application, signingKey }))

server.on("error", (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(Number(new URL(url).port), host, () => {
  console.log(`stand-in ${url} pid ${process.pid}`)
  process.send?.("ready")
})
// Started by another program: it ends with that one, and not before it when a terminal interrupts both.
if (process.connected) process.on("SIGINT", () => {})
process.on("disconnect", () => process.exit())

import { describeHosts } from "./behaviours/behaviours.js"
import { honoHosts } from "./hono-hosts.js"

describeHosts(honoHosts)

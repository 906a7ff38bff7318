import { describeHosts } from "../../hono/test/behaviours/behaviours.js"
import { expressHosts } from "./express-host.js"

describeHosts(expressHosts)

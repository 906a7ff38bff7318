import { afterAll } from "vitest"
import { conformanceOfRealms, conformanceWithUsers } from "./conformance.js"
import { connectPglite } from "./databases.js"

// One connection, so nothing really races here; the races are in the other two files.
const connection = connectPglite()
afterAll(() => connection.close())

// PGlite 0.5 drops a U+FEFF with which a text begins when it reads it. Nothing that Mortise stores begins
// with one.
conformanceWithUsers([connection, connection], {
  except: ["values come back exactly: any Unicode, quotes, line ends, empty, 64 KiB"],
})
conformanceOfRealms([connection, connection])

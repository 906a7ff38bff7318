// Must not compile, or must: checked by `npm run typecheck`, never run.
import { createAuth, opaque } from "../../src/index.js"
import { jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { refreshTokens } from "../../src/refresh.js"
import { origin, secret } from "../app.js"

const { challenges, sessions, users } = memoryStores()
const rest = { origin, secret, flows: {} }

createAuth({
  ...rest,
  stores: { challenges, sessions, users },
  sessions: refreshTokens({ beside: opaque() }),
})
createAuth({ ...rest, stores: { challenges, sessions, users }, sessions: refreshTokens({ beside: jwt() }) })

createAuth({
  ...rest,
  // @ts-expect-error families need challenges
  stores: { sessions, users },
  sessions: refreshTokens({ beside: opaque() }),
})

createAuth({
  ...rest,
  // @ts-expect-error a refresh reads the user
  stores: { challenges, sessions },
  sessions: refreshTokens({ beside: opaque() }),
})

// @ts-expect-error browsers need something beside
refreshTokens({})

// @ts-expect-error a word that is none
refreshTokens({ beside: opaque(), dpop: "always" })

// @ts-expect-error a minute has no name of its own
refreshTokens({ beside: opaque(), access: "one minute" })

// Must not compile, or must: checked by `npm run typecheck`, never run.
import { createAuth, opaque } from "../../src/index.js"
import { type JwtKey, jwt } from "../../src/jwt.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"

const { challenges, sessions, users } = memoryStores()
const rest = { origin, secret, flows: {} }
declare const pem: string
declare const jwk: JsonWebKey

createAuth({ ...rest, stores: { sessions, users }, sessions: jwt() })
createAuth({ ...rest, stores: { sessions, users }, sessions: jwt({ revocation: "user" }) })

createAuth({
  ...rest,
  // @ts-expect-error what ends a session is kept in sessions, whatever `revocation` says
  stores: { users },
  sessions: jwt({ revocation: "none", acceptStaleness: 2_592_000 }),
})

createAuth({
  ...rest,
  // @ts-expect-error a renewal reads the user
  stores: { sessions },
  sessions: jwt(),
})

createAuth({
  ...rest,
  // @ts-expect-error another slot does not stand in for it
  stores: { sessions, challenges },
  sessions: jwt(),
})

createAuth({
  ...rest,
  // @ts-expect-error what the flow needs is needed beside it
  stores: { sessions, users },
  sessions: jwt(),
  flows: { password: password({ hasher: testHasher() }) },
})

// One line apart.
createAuth({ ...rest, stores: { sessions }, sessions: opaque() })

jwt({ keys: [{ alg: "EdDSA", key: pem }] })
jwt({ keys: [{ alg: "ES256", key: { ...jwk }, kid: "2026-11" }] })
jwt({ keys: [] satisfies readonly JwtKey[] })

// @ts-expect-error an algorithm that is none of the three
jwt({ keys: [{ alg: "RS256", key: pem }] })

// @ts-expect-error nobody signs
jwt({ keys: [{ alg: "none", key: "" }] })

// @ts-expect-error which algorithm, the header does not say
jwt({ keys: [{ key: pem }] })

// @ts-expect-error a key that is no list
jwt({ keys: { alg: "EdDSA", key: pem } })

// @ts-expect-error a word that is none
jwt({ revocation: "token" })

// @ts-expect-error half a day has no name of its own
jwt({ lifetime: "half a day" })

// @ts-expect-error seconds are a number
jwt({ acceptStaleness: "30s" })

// @ts-expect-error one host
jwt({ audience: [origin] })

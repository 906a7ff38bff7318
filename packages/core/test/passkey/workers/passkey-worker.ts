/** A host with passkeys, in a Worker. Built with the module, where nothing may be random, awaited or asked of a clock. */
import { createAuth, opaque } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { passkeys } from "@mortise/core/passkey"
import { password } from "@mortise/core/password"
import { testHasher } from "../../../src/testing/test-hasher.js"

const auth = createAuth({
  origin: "https://app.example.com",
  secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
  stores: memoryStores(),
  sessions: opaque(),
  flows: { passkey: passkeys({ rpName: "Example" }), password: password({ hasher: testHasher() }) },
})

export default {
  fetch: (request: Request): Promise<Response> => auth.handle(request, "192.0.2.1"),
}

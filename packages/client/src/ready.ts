import type { SessionStore } from "./store-contract.js"

/** One promise for each client: who suspends needs the same one at every attempt. */
const promises = new WeakMap<object, Promise<void>>()

/** Resolves when the store knows whether somebody is signed in, which it asks for if nobody did. Never rejects. */
export function ready(client: Pick<SessionStore<object>, "get" | "subscribe">): Promise<void> {
  const known = promises.get(client)
  if (known) return known
  const promise = new Promise<void>((resolve) => {
    const stop = client.subscribe(() => {
      if (client.get().status === "loading") return
      stop()
      resolve()
    })
  })
  promises.set(client, promise)
  return promise
}

/** What a component that suspends says on a server, which would wait for ever. */
export const nothingHandedIn =
  "On a server the session must be handed in: <SessionProvider session={…}>. Without one, useSession() renders the loading state."

import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Outcome } from "@mortise/core"
import type { MatrixCharacter } from "@mortise/core/testing"
import type { Express } from "express"
import { createApp } from "../src/app.js"
import { createDoors, type Doors } from "../src/auth.js"
import { seed } from "../src/seed.js"
import { type OpenStores, openStores } from "../src/stores.js"

/** The site in this process, with its demo data, in a directory of its own. */
export interface RunningSite {
  readonly url: string
  readonly app: Express
  readonly doors: Doors
  readonly stores: OpenStores
  close(): Promise<void>
}

const settings = { origin: "http://localhost:4300", secret: [crypto.randomUUID()] as const }

/** Opens it on a free port. */
export async function openSite(): Promise<RunningSite> {
  const directory = await mkdtemp(join(tmpdir(), "quayside-"))
  const stores = await openStores(directory)
  const doors = createDoors(settings, stores)
  const { set } = doors.site.realms.admin.flows.password
  await seed({ ...stores, credentials: stores.auth.credentials, setPassword: set })
  const app = createApp({ doors, stores, runTrials: async () => new Map() })
  const server = createServer(app)
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    app,
    doors,
    stores,
    async close() {
      server.close()
      server.closeAllConnections()
      await stores.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** What a sign-in has opened. */
export type Session = NonNullable<MatrixCharacter["session"]>

/** @throws Error if it was refused */
export async function sessionOf(signingIn: Promise<Outcome<{ session: Session }>>): Promise<Session> {
  const outcome = await signingIn
  if (outcome.ok) return outcome.session
  throw new Error(outcome.reason)
}

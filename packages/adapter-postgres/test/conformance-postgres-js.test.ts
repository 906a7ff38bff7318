import { afterAll } from "vitest"
import { conformanceOfRealms, conformanceWithUsers } from "./conformance.js"
import { connectPostgresJs } from "./databases.js"

const connections = [connectPostgresJs(), connectPostgresJs()] as const
afterAll(() => Promise.all(connections.map((connection) => connection.close())))

conformanceWithUsers(connections)
conformanceOfRealms(connections)

import { afterAll } from "vitest"
import { conformanceOfRealms, conformanceWithoutUsers, conformanceWithUsers } from "./conformance.js"
import { connectPg } from "./databases.js"

// Two pools stand for two processes.
const connections = [connectPg(), connectPg()] as const
afterAll(() => Promise.all(connections.map((connection) => connection.close())))

conformanceWithUsers(connections)
conformanceWithUsers(connections, { usersOf: "store" })
conformanceWithoutUsers(connections)
conformanceOfRealms(connections)

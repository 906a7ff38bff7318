// `npm run bench [-- --quick] [-- --only <measurement>[,…]]`: measures, prints, and writes RESULTS.md. A quick run, or one
// of only some measurements, writes nothing: what stands in RESULTS.md is always one whole run.
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { startPostgres } from "../tools/services/postgres.mjs"
import { startRedis } from "../tools/services/redis.mjs"
import { stopChildren } from "./child.mjs"
import { bounds, contenders, jwtContenders } from "./contenders/all.mjs"
import { machineFacts } from "./machine.mjs"
import { measureBytesPerSession } from "./measure/bytes-per-session.mjs"
import { measureGuardEvaluation } from "./measure/guard-evaluation.mjs"
import { measureGuardedRoute } from "./measure/guarded-route.mjs"
import { measureImportAndSize } from "./measure/import-and-size.mjs"
import { measureJwtCheck } from "./measure/jwt-check.mjs"
import { measurePasswordSignIn } from "./measure/password-sign-in.mjs"
import { measureSessionCheck } from "./measure/session-check.mjs"
import { measurePostgresCheck, measureRedisCheck } from "./measure/store-check.mjs"
import { measureTiered } from "./measure/tiered-check.mjs"
import { measureWorker } from "./measure/worker.mjs"
import { page } from "./report.mjs"

const measurements = {
  session: measureSessionCheck,
  jwt: measureJwtCheck,
  rules: measureGuardEvaluation,
  redis: measureRedisCheck,
  postgres: measurePostgresCheck,
  guard: measureGuardedRoute,
  password: measurePasswordSignIn,
  memory: measureBytesPerSession,
  tiered: measureTiered,
  size: measureImportAndSize,
  worker: measureWorker,
}

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" } },
})
const wanted = values.only?.split(",")
const chosen = Object.entries(measurements).filter(([name]) => wanted?.includes(name) ?? true)
const facts = machineFacts([...contenders, ...jwtContenders].flatMap(({ packages }) => packages))

const [redis, postgres] = await Promise.all([startRedis(), startPostgres()])
/** @type {import("./report.mjs").Table[]} */
const tables = []
try {
  for (const [name, measure] of chosen) {
    console.log(`measuring ${name} …`)
    tables.push(...(await measure({ quick: values.quick, redisUrl: redis.url, postgresUrl: postgres.url })))
  }
} finally {
  await stopChildren()
  await Promise.all([redis.stop(), postgres.stop()])
}

const setups = [...contenders, ...jwtContenders, ...bounds].map(
  ({ name, setup }) => /** @type {const} */ ([name, setup]),
)
const results = page({ facts, setups, tables })
console.log(`\n${results}`)
if (!values.quick && !wanted) writeFileSync(new URL("RESULTS.md", import.meta.url), results)

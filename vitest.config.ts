import { readdirSync } from "node:fs"
import type { ProvidedContext } from "vitest"
import { defineConfig, type TestProjectConfiguration } from "vitest/config"

/** Tests run on the sources of every package: nothing has to be built first, and a stack trace is true. */
const source = "@mortise/source"
const resolve = { conditions: [source, "module", "browser", "development|production"] }
const ssr = {
  resolve: { conditions: [source, "module", "node", "development|production"], externalConditions: [source] },
}

/** What every project has. Not by `extends`, which would also start the servers once more for every project. */
const common = {
  testTimeout: 20_000,
  hookTimeout: 30_000,
  // What is awaited comes at once; a busy machine takes its time. How soon something must come, a test says itself.
  expect: { poll: { timeout: 10_000 } },
  restoreMocks: true,
  unstubGlobals: true,
  unstubEnvs: true,
}

/** A whole system with its server, browser and database, at its own pace, which on a busy machine is slow. */
const slow = { testTimeout: 120_000, hookTimeout: 120_000 }

function project(
  name: string,
  include: string,
  options: Partial<typeof common> = {},
): TestProjectConfiguration {
  return { resolve, ssr, test: { ...common, ...options, name, include: [`${include}/**/*.test.ts`] } }
}

/** Tables of what must be refused, which packages/core runs on memory: once more with a server under them (tests/tables). */
const tables = [
  "mfa/{every-way,attempts,shortcuts}",
  "security/{events-by-kinds,fail-closed,throttling,enumeration}",
  "{password-reset,magic-link}/single-use",
  "passkey/races",
]

const services = process.env["MORTISE_SERVICES"]?.split(",")
const serversRun = ["postgres", "redis"].every((name) => services?.includes(name) ?? true)

function tablesOn(wiring: ProvidedContext["wiring"]): TestProjectConfiguration {
  return {
    resolve,
    ssr,
    test: {
      ...common,
      ...slow,
      name: `tables, ${wiring}`,
      include: tables.map((table) => `packages/core/test/${table}.test.ts`),
      setupFiles: ["tests/tables/on-servers.ts"],
      provide: { wiring },
    },
  }
}

export default defineConfig({
  test: {
    globalSetup: ["tools/vitest/global-setup.mjs"],
    // The machines that this runs on have two cores; more workers would only disturb tests that measure time.
    maxWorkers: 2,
    coverage: { provider: "v8", include: ["packages/*/src/**/*.ts"], reporter: ["text-summary", "html"] },
    projects: [
      // One per package, so that a failure and a count name their package.
      ...readdirSync("packages").map((name) => project(name, `packages/${name}/test`)),
      project("tools", "tools/test"),
      project("docs", "docs/test"),
      project("bench", "bench/test"),
      project("system", "tests"),
      ...(serversRun
        ? [tablesOn("everything on PostgreSQL"), tablesOn("users on PostgreSQL, the rest on Redis")]
        : []),
      project("examples", "examples/*/{test,e2e}", slow),
      project("e2e", "packages/*/e2e", slow),
    ],
  },
})

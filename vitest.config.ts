import { readdirSync } from "node:fs"
import { defineConfig } from "vitest/config"

/** Tests run on the sources of every package: nothing has to be built first, and a stack trace is true. */
const source = "@mortise/source"
const resolve = { conditions: [source, "module", "browser", "development|production"] }
const ssr = {
  resolve: { conditions: [source, "module", "node", "development|production"], externalConditions: [source] },
}

/** One project per package, so that a failure and a count name their package. */
const packages = readdirSync("packages").map((name) => ({
  extends: true as const,
  test: { name, include: [`packages/${name}/test/**/*.test.ts`] },
}))

/** A whole system with its server, browser and database, at its own pace. */
const slow = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  resolve,
  ssr,
  test: {
    globalSetup: ["tools/vitest/global-setup.mjs"],
    // Measured on two cores: more workers only make the timing-sensitive tests wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
    unstubEnvs: true,
    coverage: { provider: "v8", include: ["packages/*/src/**/*.ts"], reporter: ["text-summary", "html"] },
    projects: [
      ...packages,
      { extends: true, test: { name: "tools", include: ["tools/test/**/*.test.ts"] } },
      { extends: true, test: { name: "docs", include: ["docs/test/**/*.test.ts"] } },
      { extends: true, test: { name: "bench", include: ["bench/test/**/*.test.ts"] } },
      { extends: true, test: { name: "examples", include: ["examples/*/{test,e2e}/**/*.test.ts"], ...slow } },
      { extends: true, test: { name: "e2e", include: ["packages/*/e2e/**/*.test.ts"], ...slow } },
    ],
  },
})

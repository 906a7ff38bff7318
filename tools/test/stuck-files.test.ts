import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const fixtures = fileURLToPath(new URL("stuck-files/", import.meta.url))
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url))

it("a file that does not end is named and ended, and fails the run; the others go on", async () => {
  const { code, said } = await run()
  const last = said.slice(said.indexOf("Test Files"))
  expect(last).toMatch(
    /Stuck: stuck awaits-while-it-loads\.fixture\.mjs has not ended in \d+ s; it is being loaded/,
  )
  expect(last).toMatch(
    /Stuck: stuck keeps-the-thread\.fixture\.mjs has not ended in \d+ s; it began last with “goes round/,
  )
  expect(last.match(/Stuck: ended process \d+/g)).toHaveLength(2)
  expect(said).toMatch(/✓ .*ends\.fixture\.mjs/)
  expect(said).toContain("Worker exited unexpectedly")
  expect(code).toBe(1)
}, 60_000)

function run(): Promise<{ code: number | string | null | undefined; said: string }> {
  // Without the settings of the run that this test belongs to.
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS)/.test(name))
  const env = { ...Object.fromEntries(own), NO_COLOR: "1" }
  const config = `${fixtures}vitest.config.mjs`
  return new Promise((resolve) => {
    execFile(
      "sh",
      ["-c", '"$0" "$@" 2>&1', process.execPath, vitest, "run", "--config", config],
      { env },
      (error, said) => resolve({ code: error ? error.code : 0, said }),
    )
  })
}

import { defineConfig } from "vitest/config"
import StuckFiles from "../../vitest/stuck-files.mjs"

export default defineConfig({
  test: {
    root: import.meta.dirname,
    name: "stuck",
    include: ["*.fixture.mjs"],
    testTimeout: 1000,
    maxWorkers: 3,
    reporters: ["default", new StuckFiles({ patience: 5000 })],
  },
})

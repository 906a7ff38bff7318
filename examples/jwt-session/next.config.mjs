import { fileURLToPath } from "node:url"

const workspace = fileURLToPath(new URL("../..", import.meta.url))

/** @type {import("next").NextConfig} */
export default {
  // Which build, see build.mjs.
  distDir: process.env.BUILD_DIR || ".next",
  // The packages of this repository lie above the application.
  turbopack: { root: workspace },
  outputFileTracingRoot: workspace,
  // Wasm and drivers stay what they are; and each is there once.
  serverExternalPackages: ["@electric-sql/pglite", "pg", "redis"],
  poweredByHeader: false,
  // The repository checks types of everything at once.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
}

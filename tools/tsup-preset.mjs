import { readFileSync } from "node:fs"
import { basename, extname } from "node:path"
import { fileURLToPath } from "node:url"
import { defineConfig } from "tsup"

/** The condition under which a workspace package is read from its sources; see tsconfig.base.json. */
const sourceCondition = "@mortise/source"

/**
 * How every package is built. What is built comes from `exports` and `imports` of its package.json, so an
 * entry is written down once. Run by tsup with the package as its working directory.
 *
 * Development dependencies that `dependencies` and `peerDependencies` do not name are bundled; what those
 * two name, and the package's own `#imports`, stay imports.
 */
export function packageBuild() {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"))
  return defineConfig({
    entry: Object.fromEntries(
      [...sourceFiles(manifest.exports), ...sourceFiles(manifest.imports)].map((file) => [
        basename(file, extname(file)),
        file,
      ]),
    ),
    format: ["esm"],
    target: "es2022",
    // tsup sets baseUrl, which TypeScript 6 reports as an error unless told otherwise.
    dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
    external: Object.keys(manifest.imports ?? {}),
    noExternal: [/^@oslojs\//],
    esbuildPlugins: bundledOslo(),
    // Runtimes other than Node know its modules by their full names only.
    removeNodeProtocol: false,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    clean: true,
    // Errors are still shown.
    silent: true,
  })
}

/**
 * How @oslojs/* comes into our build: only what is used.
 *
 * @returns {import("esbuild").Plugin[]}
 */
export function bundledOslo() {
  return [bigEndianOnly(), computedConstants(), withoutSideEffects(/^@oslojs\//)]
}

/**
 * Says of packages that do not say it themselves that importing them does nothing, so that their unused modules (SHA-512, base32 …) stay
 * out of the bundle.
 *
 * @param {RegExp} filter
 * @returns {import("esbuild").Plugin}
 */
function withoutSideEffects(filter) {
  const asked = Symbol("asked")
  return {
    name: "without-side-effects",
    setup(build) {
      build.onResolve({ filter }, async ({ path, pluginData, ...options }) => {
        if (pluginData === asked) return
        return { ...(await build.resolve(path, { ...options, pluginData: asked })), sideEffects: false }
      })
      // Their modules import each other by relative paths.
      build.onResolve({ filter: /^\./ }, async ({ path, pluginData, ...options }) => {
        if (pluginData === asked || !options.importer.includes("@oslojs")) return
        return { ...(await build.resolve(path, { ...options, pluginData: asked })), sideEffects: false }
      })
    },
  }
}

/**
 * Of @oslojs/binary SHA-256 needs two methods of one class, which brings all its others along: 2 kB in every bundle for the edge. In their place
 * stands a file of our own with those two.
 *
 * @returns {import("esbuild").Plugin}
 */
function bigEndianOnly() {
  const path = fileURLToPath(new URL("../packages/core/src/crypto/big-endian.ts", import.meta.url))
  return {
    name: "big-endian-only",
    setup(build) {
      build.onResolve({ filter: /^@oslojs\/binary$/ }, ({ importer }) =>
        /sha256\.js$/.test(importer) ? { path, sideEffects: false } : undefined,
      )
    },
  }
}

/**
 * SHA-256's two tables of constants are 0.6 kB that does not compress. They are computed as the standard defines them, by a file of our own;
 * edge-build.test.ts compares what comes out with Node's SHA-256.
 *
 * @returns {import("esbuild").Plugin}
 */
function computedConstants() {
  const path = fileURLToPath(new URL("../packages/core/src/crypto/sha256-constants.ts", import.meta.url))
  const tables = /^( +H|const K) = new Uint32Array\(\[[^\]]*\]\);$/gm
  const computed = `import { initialHash, roundConstants } from ${JSON.stringify(path)};
const initial = /* @__PURE__ */ initialHash();
const K = /* @__PURE__ */ roundConstants();
`
  return {
    name: "computed-constants",
    setup(build) {
      build.onLoad({ filter: /@oslojs[\\/]crypto[\\/]dist[\\/]sha2[\\/]sha256\.js$/ }, ({ path: file }) => {
        const source = readFileSync(file, "utf8")
        if (source.match(tables)?.length !== 2) throw new Error(`${file} has other tables of constants.`)
        const without = source.replace(tables, (_, name) =>
          name === "const K" ? "" : "H = initial.slice();",
        )
        return { contents: computed + without }
      })
    },
  }
}

/**
 * Every file that stands anywhere below a source condition.
 *
 * @param {unknown} map
 * @returns {string[]}
 */
function sourceFiles(map, below = false) {
  if (typeof map === "string") return below ? [map] : []
  return Object.entries(map ?? {}).flatMap(([key, value]) =>
    sourceFiles(value, below || key === sourceCondition),
  )
}

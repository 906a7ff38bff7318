// What a bundle for the edge pays: each subpath of core and what runs on Workers alone, built for a runtime without Node, minified and gzipped,
// against a budget; and a table of what must not have come along with it.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { root } from "../command.mjs"
import { makeFresh } from "../fresh.mjs"
import { budgets, providers, strangers } from "./size/budgets.mjs"

await makeFresh()
let failed = false

console.log(row("bundle", "min", "gzip", "budget"))
for (const { subpaths, budget } of budgets) {
  const { text } = await bundle(everything(subpaths), [])
  report(subpaths.join(" + "), text.length, gzipped(text), budget)
}

const { beside, flow, subpath: ways } = providers
console.log(`\n${row(`${ways} adds`, "min", "gzip", "budget")}`)
const without = await bundle(everything(beside), [])
for (const { provider, budget } of providers.budgets) {
  const contents = `${everything(beside)}\nexport { ${flow}, ${provider} } from "${packageOf(ways)}"`
  const { text } = await bundle(contents, [])
  const [min, gzip] = [text.length - without.text.length, gzipped(text) - gzipped(without.text)]
  report(`  ${provider}`, min, gzip, budget)
}

console.log(`\n${row("bundle", "must not contain")}`)
/** What was met where it may be: proof that its pattern still matches something. */
const met = new Set()
for (const { subpaths } of budgets) {
  // From the sources, where a module still has its own name.
  const { modules } = await bundle(everything(subpaths), ["@mortise/source"])
  const [subpath = ""] = subpaths
  const cells = strangers.flatMap(({ what, module, except }) => {
    const found = modules.filter((name) => module.test(name))
    if (except.includes(subpath)) {
      if (found.length > 0) met.add(what)
      return []
    }
    if (found.length > 0) failed = true
    return [found.length > 0 ? `${what} FOUND: ${found.join(", ")}` : what]
  })
  console.log(row(subpaths.join(" + "), cells.join("; ")))
}
for (const { what } of strangers.filter(({ what, except }) => except.length > 0 && !met.has(what))) {
  console.log(`"${what}" matches nothing any more, not even where it may be: mend its pattern.`)
  failed = true
}
const { exports } = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8"))
const measured = new Set(budgets.flatMap(({ subpaths }) => subpaths))
for (const subpath of Object.keys(exports).filter(
  (each) => each !== "./package.json" && !measured.has(each),
)) {
  console.log(`${subpath} has no budget: write one in size/budgets.mjs.`)
  failed = true
}
process.exitCode = failed ? 1 : 0

/**
 * @param {string} name
 * @param {number} min
 * @param {number} gzip
 * @param {number} budget
 */
function report(name, min, gzip, budget) {
  if (gzip > budget) failed = true
  console.log(row(name, min, gzip, gzip > budget ? `${budget} EXCEEDED` : budget))
}

/** @param {string} text */
function gzipped(text) {
  return gzipSync(text, { level: 9 }).length
}

/** @param {string} subpath of core, or an entry of another package by its full name */
function packageOf(subpath) {
  return subpath.startsWith("@") ? subpath : `@mortise/core${subpath.slice(1)}`
}

/** @param {string[]} subpaths */
function everything(subpaths) {
  return subpaths.map((subpath) => `export * from "${packageOf(subpath)}"`).join("\n")
}

/**
 * @param {string} contents of the module that is bundled
 * @param {string[]} conditions besides those of an edge runtime
 */
async function bundle(contents, conditions) {
  const result = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: [...conditions, "worker", "browser", "import"],
    external: ["node:*", "cloudflare:*", "@node-rs/*", "@simplewebauthn/server", "react", "solid-js"],
    metafile: true,
    write: false,
    logLevel: "error",
  })
  const outputs = Object.values(result.metafile.outputs)
  return {
    text: result.outputFiles.map((file) => file.text).join(""),
    modules: outputs.flatMap((output) => [
      ...Object.entries(output.inputs).flatMap(([name, { bytesInOutput }]) =>
        bytesInOutput > 0 ? [name] : [],
      ),
      ...output.imports.map((imported) => imported.path),
    ]),
  }
}

/**
 * @param {string} first
 * @param {...(string | number)} rest
 */
function row(first, ...rest) {
  return (
    first.padEnd(20) +
    rest.map((cell) => (typeof cell === "number" ? String(cell) : cell).padStart(8)).join("  ")
  )
}

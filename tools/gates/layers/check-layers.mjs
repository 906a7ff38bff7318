import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, join, relative } from "node:path"
import { coreProblem } from "./core-rules.mjs"
import { readImports } from "./imports.mjs"

/** Names that say nothing about what a file does. */
const emptyNames = /^(utils?|helpers?|common|types|misc|shared)\.[cm]?[jt]sx?$/

/**
 * Checks a repository's imports against its architecture, and the size and names of its files.
 *
 * @param {string} root
 * @returns {{ problems: string[], files: number, median: number, long: { file: string, lines: number }[] }}
 *   `long` are files over 300 lines: a question to their author, not a failure
 */
export function checkLayers(root) {
  const packages = readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "src")),
  )
  const sources = packages.flatMap((name) => sourcesOf(root, name))
  const problems = sources.flatMap((source) => source.imports.flatMap((each) => problemOf(source, each)))
  const named = [
    ...sources.map((source) => source.file),
    ...["tools", "bench", "examples"].flatMap((folder) => filesBelow(root, folder)),
  ]
  const badNames = named.filter((file) => emptyNames.test(basename(file)))
  const lengths = sources.map((source) => source.lines).sort((a, b) => a - b)
  return {
    problems: [
      ...problems,
      ...badNames.map((file) => `${file} has a name that says nothing about what it does`),
    ],
    files: sources.length,
    median: lengths[Math.floor(lengths.length / 2)] ?? 0,
    long: sources.filter((source) => source.lines > 300).map(({ file, lines }) => ({ file, lines })),
  }
}

/**
 * @typedef {ReturnType<typeof sourcesOf>[number]} Source
 *
 * @param {string} root
 * @param {string} name
 */
function sourcesOf(root, name) {
  const folder = `packages/${name}/src`
  const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))
  const entries = new Set(
    Object.values(manifest.exports ?? {}).flatMap(
      (target) => target["@mortise/source"]?.replace("./src/", "") ?? [],
    ),
  )
  return filesBelow(root, folder)
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => {
      const text = readFileSync(join(root, file), "utf8")
      const within = relative(folder, file)
      return {
        file,
        within,
        name,
        entries,
        lines: text.split("\n").length - 1,
        imports: readImports(file, text),
      }
    })
}

/**
 * @param {Source} source
 * @param {import("./imports.mjs").Import} imported
 * @returns {string[]}
 */
function problemOf(source, { specifier, typeOnly, line }) {
  const problem =
    source.name === "core"
      ? coreProblem(source.within, specifier, source.entries)
      : outsideProblem(specifier, typeOnly)
  return problem === undefined ? [] : [`${source.file}:${line} ${problem}`]
}

/**
 * Adapters and bindings know core's types only, so that none of them brings a second copy of core into a
 * bundle or fails because its version differs by a patch; what several bindings need stands in one small file.
 *
 * @param {string} specifier
 * @param {boolean} typeOnly
 */
function outsideProblem(specifier, typeOnly) {
  if (!/^@mortise\/core(\/|$)/.test(specifier) || typeOnly || specifier === "@mortise/core/binding")
    return undefined
  return `imports values from ${specifier}; use \`import type\``
}

/**
 * @param {string} root
 * @param {string} folder relative to `root`, as are the results
 * @returns {string[]}
 */
function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (!entry.isDirectory()) return [path]
    return entry.name === "node_modules" || entry.name === "dist" ? [] : filesBelow(root, path)
  })
}

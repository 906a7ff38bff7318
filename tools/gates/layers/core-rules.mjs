import { posix } from "node:path"

/** From the ground up: a layer may import itself and what stands in a line below it, never its own line. */
const lines = [
  ["leaves"],
  ["crypto"],
  ["hashing", "stores", "network"],
  ["sessions", "limits", "mail"],
  ["flows", "guards"],
  ["http"],
  ["socket"],
  ["auth"],
  ["entries"],
  ["testing"],
]

/** Files at the root of src that every layer may import. */
const leaves = new Set([
  "awaitable",
  "outcome",
  "errors",
  "events",
  "clock",
  "duration",
  "context",
  "email-address",
  "escape-html",
  "parse-url",
  "guarded-request",
])

/** Files at the root of src that wire an Auth together, or one of its parts that `index` exports. */
const auth = new Set(["auth", "opaque", "options"])

/** Files and folders that run on Node only, or ask the host for it. */
const mayUseNode = new Set(["argon2", "scrypt", "bcrypt", "pbkdf2", "testing"])

/** Packages, and the only place that may import them. */
const packages = new Map([
  ["@oslojs", (/** @type {string} */ file) => file.startsWith("crypto/")],
  ["@node-rs/argon2", (/** @type {string} */ file) => segments(file).includes("argon2")],
  ["@node-rs/bcrypt", (/** @type {string} */ file) => segments(file).includes("bcrypt")],
  ["jose", (/** @type {string} */ file) => /^(flows\/oauth\/providers|sessions\/(jwt|refresh))\//.test(file)],
  ["oauth4webapi", (/** @type {string} */ file) => file.startsWith("flows/oauth/providers/")],
  ["@simplewebauthn/server", (/** @type {string} */ file) => file.startsWith("flows/passkey/")],
])

/**
 * What is wrong with one import of packages/core/src.
 *
 * @param {string} file relative to src
 * @param {string} specifier
 * @param {ReadonlySet<string>} entries the files that package.json exports, relative to src
 * @returns {string | undefined}
 */
export function coreProblem(file, specifier, entries) {
  if (specifier.startsWith("node:")) {
    if (file.endsWith(".node.ts") || segments(file).some((segment) => mayUseNode.has(segment)))
      return undefined
    return "imports a Node module; only *.node.ts and the folders and entries that say so may"
  }
  if (!/^[.#]/.test(specifier)) return packageProblem(file, specifier)
  const target =
    specifier === "#resolve"
      ? "network/"
      : specifier.startsWith("#")
        ? "crypto/"
        : posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts")
  return layerProblem(file, target, entries) ?? flowProblem(file, target)
}

/**
 * @param {string} file
 * @param {string} specifier
 */
function packageProblem(file, specifier) {
  for (const [name, allowed] of packages) {
    if (specifier !== name && !specifier.startsWith(`${name}/`)) continue
    return allowed(file) ? undefined : `imports ${specifier}, which is kept to one place`
  }
  return `imports ${specifier}, which is not among the packages core may use`
}

/**
 * @param {string} file
 * @param {string} target
 * @param {ReadonlySet<string>} entries
 */
function layerProblem(file, target, entries) {
  const from = layerOf(file, entries)
  const to = layerOf(target, entries)
  if (from === undefined) return "belongs to no layer; name it in core-rules.mjs"
  if (to === undefined) return `imports ${target}, which belongs to no layer`
  // Entries are faces over the layers; one may stand on another, as index does on guard.
  if (from === to || height(from) > height(to)) return undefined
  return `is in "${from}" and imports ${target} in "${to}", which is not below it`
}

/**
 * Files that stand directly in flows/ are shared by all flows; a flow's own folder or file is its own.
 *
 * @param {string} file
 * @param {string} target
 */
function flowProblem(file, target) {
  const own = /^flows\/([^/]+)\//.exec(file)?.[1]
  const other = /^flows\/([^/]+)\//.exec(target)?.[1]
  return own === undefined || other === undefined || own === other
    ? undefined
    : `is a flow and imports the flow ${other}`
}

/**
 * @param {string} file
 * @param {ReadonlySet<string>} entries
 */
function layerOf(file, entries) {
  const [folder = "", ...rest] = file.split("/")
  if (rest.length > 0) return lines.flat().find((layer) => layer === folder)
  const name = folder.replace(/\.ts$/, "")
  if (leaves.has(name)) return "leaves"
  if (auth.has(name)) return "auth"
  if (name === "testing") return "testing"
  return entries.has(file) ? "entries" : undefined
}

/** @param {string} layer */
function height(layer) {
  return lines.findIndex((line) => line.includes(layer))
}

/** @param {string} file */
function segments(file) {
  return file.replace(/\.ts$/, "").split("/")
}

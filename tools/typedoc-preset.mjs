import { readFileSync } from "node:fs"

/**
 * What typedoc reads of a package: the entries that its package.json exports. Run with the package as the
 * working directory.
 *
 * @returns {Partial<import("typedoc").TypeDocOptions>}
 */
export function packageDocs() {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"))
  const entryPoints = Object.values(manifest.exports).flatMap((target) => target["@mortise/source"] ?? [])
  return { entryPoints, tsconfig: "tsconfig.json", readme: "README.md" }
}

import { readFileSync } from "node:fs"

/**
 * What typedoc reads of a package: the entries that its package.json exports.
 *
 * @param {string} configUrl `import.meta.url` of the configuration in the package
 * @param {{ undocumented?: string[] }} [options] what needs no docstring: members of types without a name
 * @returns {Partial<import("typedoc").TypeDocOptions>}
 */
export function packageDocs(configUrl, { undocumented = [] } = {}) {
  const manifest = JSON.parse(readFileSync(new URL("package.json", configUrl), "utf8"))
  const entryPoints = Object.values(manifest.exports).flatMap((target) => target["@mortise/source"] ?? [])
  return {
    entryPoints,
    tsconfig: "tsconfig.json",
    readme: "README.md",
    intentionallyNotDocumented: undocumented,
  }
}

import { readFileSync } from "node:fs"
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os"

/**
 * Where and when it was measured, and with which versions.
 *
 * @param {readonly string[]} packages
 * @returns {(readonly [string, string])[]}
 */
export function machineFacts(packages) {
  const versions = packages.map((name) => `${name} ${versionOf(name)}`)
  return [
    ["processor", `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores`],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["system", `${type()} ${release()} ${arch()}`],
    ["Node", `${process.version}, V8 ${process.versions.v8}`],
    ["date", new Date().toISOString().slice(0, 10)],
    [
      "load before the run",
      loadavg()
        .map((load) => load.toFixed(2))
        .join(" "),
    ],
    ["versions", versions.join(", ")],
  ]
}

/** @param {string} name */
export function versionOf(name) {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url)
  return String(JSON.parse(readFileSync(manifest, "utf8")).version)
}

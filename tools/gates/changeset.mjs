// A change of what is published needs a changeset that names the package, or no release will contain it. It
// counts if it came with the change; before the first release a waiting one is enough.
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../command.mjs"

const base = mergeBase()
if (base === undefined) console.log("No main branch to compare with (a shallow clone?): nothing to check.")
else reportMissing(base)

/** @param {string} base */
function reportMissing(base) {
  const changed = git("diff", "--name-only", base)?.split("\n") ?? []
  const folders = new Set(changed.flatMap((file) => /^packages\/([^/]+)\/src\//.exec(file)?.[1] ?? []))
  const missing = [...folders].filter((folder) => !isAnnounced(folder, changed))
  console.log(
    `${folders.size} packages changed since ${base.slice(0, 8)}, ${missing.length} without a changeset`,
  )
  for (const folder of missing) console.error(`packages/${folder}/src changed: run \`pnpm changeset\`.`)
  process.exitCode = missing.length === 0 ? 0 : 1
}

/**
 * @param {string} folder
 * @param {string[]} changed
 */
function isAnnounced(folder, changed) {
  const { name, version } = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"))
  // `changeset version` turns changesets into changelogs.
  if (changed.includes(`packages/${folder}/CHANGELOG.md`)) return true
  return readdirSync(join(root, ".changeset"))
    .filter((file) => file.endsWith(".md") && (version === "0.0.0" || changed.includes(`.changeset/${file}`)))
    .some((file) => readFileSync(join(root, ".changeset", file), "utf8").includes(`"${name}":`))
}

function mergeBase() {
  const branch = ["origin/main", "main"].find(
    (name) => git("rev-parse", "--verify", "--quiet", name) !== undefined,
  )
  return branch === undefined ? undefined : git("merge-base", branch, "HEAD")
}

/**
 * @param {...string} args
 * @returns {string | undefined} undefined when git says no
 */
function git(...args) {
  try {
    return execFileSync("git", args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim()
  } catch {
    return undefined
  }
}

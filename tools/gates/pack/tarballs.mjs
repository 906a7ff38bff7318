import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runCommand } from "../../command.mjs"
import { makeFresh } from "../../fresh.mjs"

/**
 * Packs all packages as they would be published, hands the paths of the tarballs to `use`, and removes them.
 *
 * @template T
 * @param {(tarballs: string[]) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withTarballs(use) {
  await makeFresh()
  const directory = await mkdtemp(join(tmpdir(), "mortise-pack-"))
  try {
    const selection = ["--recursive", "--filter", "./packages/*", "--reporter", "silent"]
    const code = await runCommand("pnpm", [...selection, "pack", "--pack-destination", directory])
    if (code !== 0) throw new Error("pnpm pack failed.")
    const names = await readdir(directory)
    return await use(names.map((name) => join(directory, name)))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

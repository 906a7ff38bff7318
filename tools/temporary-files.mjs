import { chmodSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * Gives what `run` starts a directory of its own for temporary files (`TMPDIR`), and deletes it afterwards: a browser or a workerd that a test ended
 * without warning cleans up nothing, and left hundreds of megabytes behind.
 *
 * @template T
 * @param {(environment: { TMPDIR: string }) => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function withTemporaryFiles(run) {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "mortise-"))
  // Servers that refuse to run as root pass through it to their own.
  chmodSync(directory, 0o711)
  try {
    return await run({ TMPDIR: directory })
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 })
  }
}

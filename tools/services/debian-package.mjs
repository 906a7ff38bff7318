import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { promisify } from "node:util"

const run = promisify(execFile)

/** Two installations at once would fail on apt's lock, so each waits for the one before. */
let previous = Promise.resolve()

/**
 * Installs one Debian or Ubuntu package. Runs only as root on a machine with apt-get; anywhere else, and
 * when apt-get fails, it throws with the command to run by hand and with what apt-get printed.
 *
 * @param {string} name
 * @returns {Promise<void>}
 */
export function installDebianPackage(name) {
  const turn = previous.then(() => install(name))
  previous = turn.catch(() => {})
  return turn
}

/** @param {string} name */
async function install(name) {
  const byHand = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${name}`
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`The tests need ${name}. Install it:\n  ${byHand}\nor your system's equivalent.`)
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const options = { env, maxBuffer: 64 * 1024 * 1024 }
  console.error(`Installing ${name} with apt-get …`)
  try {
    await run("apt-get", ["update"], options)
    await run("apt-get", ["install", "-y", "--no-install-recommends", name], options)
  } catch (error) {
    const { stdout = "", stderr = "" } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
    throw new Error(`apt-get could not install ${name}; by hand:\n  ${byHand}\n${stdout}${stderr}`, {
      cause: error,
    })
  }
}

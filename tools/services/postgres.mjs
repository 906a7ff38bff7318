import { execFile, execFileSync } from "node:child_process"
import { chownSync, readdirSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { findProgram } from "./find-program.mjs"
import { freePort } from "./free-port.mjs"
import { keep } from "./keep.mjs"

const run = promisify(execFile)

/**
 * Starts a PostgreSQL server of its own, with its files in a temporary directory.
 *
 * Nothing is synced to disk: data survive `kill` and `restart`, but not a power cut.
 *
 * @returns {Promise<import("./postgres.d.mts").PostgresService>}
 */
export async function startPostgres() {
  const programs = await locatePostgres()
  const port = await freePort()
  const account = serverAccount()
  // SIGQUIT is an immediate shutdown: no waiting for clients, and unlike SIGKILL it returns shared memory.
  const keeper = await keep({ name: "postgres", stopSignal: "SIGQUIT" })
  try {
    const { directory } = keeper
    const data = join(directory, "data")
    if (account.uid !== undefined) chownSync(directory, account.uid, account.gid)
    const locale = process.platform === "linux" ? "C.UTF-8" : "C"
    await run(
      join(programs, "initdb"),
      ["-D", data, "-U", "mortise", "--auth=trust", "--no-sync", "-E", "UTF8", `--locale=${locale}`],
      { ...account, cwd: directory },
    )
    const settings = [
      "listen_addresses=127.0.0.1",
      "fsync=off",
      "full_page_writes=off",
      "max_connections=200",
    ]
    const server = await keeper.run(
      {
        program: join(programs, "postgres"),
        args: [
          "-D",
          data,
          "-p",
          String(port),
          // No socket in a directory, whose path may be longer than a socket's may.
          "-k",
          "",
          ...settings.flatMap((setting) => ["-c", setting]),
        ],
        ...account,
      },
      () => acceptsConnections(data),
    )
    return {
      url: `postgres://mortise@127.0.0.1:${port}/postgres`,
      port,
      pause: server.pause,
      resume: server.resume,
      kill: () => server.kill("SIGQUIT"),
      restart: server.restart,
      stop: keeper.release,
    }
  } catch (error) {
    await keeper.release()
    throw error
  }
}

/** The directory of `initdb` and `postgres`, which Debian keeps out of PATH. */
async function locatePostgres() {
  const initdb = await findProgram({
    names: ["initdb"],
    directories: debianVersions,
    debianPackage: "postgresql",
  })
  return dirname(realpathSync(initdb))
}

/** Newest first. */
function debianVersions() {
  try {
    const versions = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => `/usr/lib/postgresql/${version}/bin`)
  } catch {
    return []
  }
}

/**
 * PostgreSQL refuses to run as root, so there it runs as the account that its package made.
 *
 * @returns {{ uid?: number, gid?: number }}
 */
function serverAccount() {
  if (process.getuid?.() !== 0) return {}
  /** @param {"-u" | "-g"} which */
  const id = (which) => Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" }))
  return { uid: id("-u"), gid: id("-g") }
}

/**
 * The eighth line of postmaster.pid, which is also what pg_ctl waits for.
 *
 * @param {string} data
 */
function acceptsConnections(data) {
  try {
    return readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[7]?.trim() === "ready"
  } catch {
    return false
  }
}

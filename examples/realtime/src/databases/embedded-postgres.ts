import { mkdir, rm } from "node:fs/promises"
import { connect, createServer } from "node:net"
import { join, resolve } from "node:path"
import { PGlite } from "@electric-sql/pglite"
import type { Database } from "./database.js"

/** PostgreSQL inside this process, kept in a directory: nothing to install, and nothing for more than one server. */
export async function embeddedPostgres(directory: string): Promise<Database> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await lock(directory)
  const database = await PGlite.create(join(directory, "postgres"))
  return {
    query: ({ text, values }) => database.query(text, values),
    close: () => database.close(),
  }
}

/** Two processes would ruin the files. A listening socket is a lock that ends with its process, however that ends. */
async function lock(directory: string): Promise<void> {
  const path =
    process.platform === "win32" ? join("\\\\?\\pipe", resolve(directory)) : join(directory, "lock")
  if (await answers(path)) {
    throw new Error(
      `Another server is running on ${directory}. Stop it, or set DATA_DIR to another directory.`,
    )
  }
  await rm(path, { force: true })
  await new Promise<void>((held, reject) => {
    createServer().once("error", reject).listen(path, held).unref()
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise((tell) => {
    const socket = connect(path)
    socket.once("connect", () => tell(true)).once("error", () => tell(false))
    socket.once("connect", () => socket.destroy())
  })
}

import { once } from "node:events"
import { connect } from "node:net"
import { createInterface } from "node:readline"

/** A command as a server executed it, or as a script called it there. */
export interface ServerCommand {
  readonly name: string
  readonly calledByScript: boolean
}

/**
 * Runs `body` and answers the commands on keys under `prefix` that the servers at `urls` executed meanwhile,
 * as MONITOR tells: what was sent counts, whatever the client library made of it.
 */
export async function commandsDuring(
  options: { readonly urls: readonly string[]; readonly prefix: string },
  body: () => Promise<unknown>,
): Promise<readonly ServerCommand[]> {
  const heard: ServerCommand[] = []
  const watches = await Promise.all(options.urls.map((url) => watch(url, options.prefix, heard)))
  try {
    await body()
    await Promise.all(watches.map(({ caughtUp }) => caughtUp()))
  } finally {
    for (const { stop } of watches) stop()
  }
  return heard
}

interface Watch {
  /** Resolves when everything that the server has executed so far was heard. */
  readonly caughtUp: () => Promise<void>
  readonly stop: () => void
}

/**
 * A line of MONITOR: `+1795209079.48 [0 127.0.0.1:55498] "GET" "key"`, or `[0 lua]` for what a script calls.
 */
const monitorLine = /^\+\S+ \[\d+ (\S+)\] "(\w+)"/

/** Over a bare socket: ioredis 6 mistakes what it hears in the same packet as the OK for answers. */
async function watch(url: string, prefix: string, heard: ServerCommand[]): Promise<Watch> {
  const { hostname, port } = new URL(url)
  const monitor = connect(Number(port), hostname)
  const lines = createInterface({ input: monitor })
  const marker = crypto.randomUUID()
  const marked = new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      const [, source, name = ""] = monitorLine.exec(line) ?? []
      if (line.includes(marker)) resolve()
      else if (line.includes(prefix))
        heard.push({ name: name.toUpperCase(), calledByScript: source === "lua" })
    })
  })
  monitor.write("MONITOR\r\n")
  await once(lines, "line")

  async function caughtUp(): Promise<void> {
    const other = connect(Number(port), hostname)
    other.end(`ECHO ${marker}\r\n`)
    await marked
  }
  return { caughtUp, stop: () => void monitor.destroy() }
}

import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

/** A wire to a server that can be cut. */
export interface Wire {
  readonly url: string
  /** Nothing comes through, and nobody is told: as when a router dies. */
  goSilent(): void
  /** Connections break, and new ones with them. */
  cut(): void
  /** New connections come through again. */
  mend(): void
  close(): Promise<void>
}

/** A way to the Redis server at this address. */
export async function wireTo(url: string): Promise<Wire> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let state: "whole" | "silent" | "cut" = "whole"

  const server = createServer((near) => {
    if (state === "cut") {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on("data", (data) => state === "whole" && to.write(data))
      from.on("error", () => to.destroy())
      from.on("close", () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("The wire has no address.")

  function destroyAll(): void {
    for (const socket of sockets) socket.destroy()
  }

  return {
    url: `redis://127.0.0.1:${address.port}`,
    goSilent() {
      state = "silent"
    },
    cut() {
      state = "cut"
      destroyAll()
    },
    mend() {
      state = "whole"
    },
    async close() {
      destroyAll()
      server.close()
      await once(server, "close")
    },
  }
}

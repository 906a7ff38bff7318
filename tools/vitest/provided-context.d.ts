import "vitest"

declare module "vitest" {
  /** What global-setup.mjs starts; a test reads it with `inject("postgresUrl")`. */
  interface ProvidedContext {
    /** A database in which the test makes a schema of its own. */
    postgresUrl: string
    /** A server on which the test keeps to a key prefix of its own. */
    redisUrl: string
    /** Three masters. */
    redisClusterNodes: readonly string[]
    /** In the projects that run tables over servers: which store keeps what. */
    wiring: "everything on PostgreSQL" | "users on PostgreSQL, the rest on Redis"
    /** For playwright-core's `executablePath`: with windows, whose hidden tabs know that they are hidden. */
    chromiumPath: string
    /** The same without windows: quicker. */
    headlessShellPath: string
  }
}

// The same as `resolve.ts`, by Node's own resolver: what the function promises stands there.
import { lookup } from "node:dns/promises"

export async function resolve(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address)
}

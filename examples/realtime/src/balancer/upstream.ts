import { Agent } from "node:http"

/** One server behind the balancer. */
export interface Upstream {
  readonly port: number
  /** Connections kept open, for requests that may be repeated if one of them turns out to be dead. */
  readonly kept: Agent
  /** A connection of its own for each request that must not be repeated. */
  readonly fresh: Agent
  /** Until when it is passed over, after it failed. */
  downUntil: number
}

/** How long a server that failed is left alone while another one works. */
const rest = 1000

export function upstream(port: number): Upstream {
  return { port, kept: new Agent({ keepAlive: true }), fresh: new Agent(), downUntil: 0 }
}

/** Notes that it did not answer. */
export function markDown(failed: Upstream): void {
  failed.downUntil = Date.now() + rest
}

/** Deals requests out in turn. Every answer holds all servers, those that failed lately at the end: they are better than nobody. */
export function roundRobin(upstreams: readonly Upstream[]): () => readonly Upstream[] {
  let turn = 0
  return function next() {
    const start = turn++ % upstreams.length
    const order = [...upstreams.slice(start), ...upstreams.slice(0, start)]
    const now = Date.now()
    const isUp = (one: Upstream): boolean => one.downUntil <= now
    return [...order.filter(isUp), ...order.filter((one) => !isUp(one))]
  }
}

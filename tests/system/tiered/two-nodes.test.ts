import { setTimeout } from "node:timers/promises"
import { afterEach, expect, inject, test } from "vitest"
import { type Nodes, nodesOver, type OpenSession, type RunningNode } from "./nodes.js"
import { type Wire, wireTo } from "./wire.js"

/* Two processes over one PostgreSQL and one Redis, asked over HTTP. */

const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function nodes(ttl: number): Promise<Nodes> {
  const made = await nodesOver({ redisUrl: inject("redisUrl"), postgresUrl: inject("postgresUrl"), ttl })
  opened.push(made)
  return made
}

async function wire(): Promise<Wire> {
  const made = await wireTo(inject("redisUrl"))
  opened.push(made)
  return made
}

/** Opened on the first, and in the memory of both. */
async function known(userId: string, [a, b]: readonly [RunningNode, RunningNode]): Promise<OpenSession> {
  const session = await a.open(userId)
  for (const node of [a, b, b]) expect(await node.me(session)).toBe(200)
  return session
}

/** Milliseconds from `since` until the node refuses this session, asked again and again. */
async function refusedAfter(node: RunningNode, session: OpenSession, since: number): Promise<number> {
  for (;;) {
    const status = await node.me(session)
    if (status === 401) return performance.now() - since
    expect(status).toBe(200)
  }
}

/** Milliseconds from `since` until the node was asked last that still accepted it. How long answers take is no part of it. */
async function acceptedUntil(node: RunningNode, session: OpenSession, since: number): Promise<number> {
  for (let last = since; ; ) {
    const askedAt = performance.now()
    const status = await node.me(session)
    if (status === 401) return last - since
    expect(status).toBe(200)
    last = askedAt
  }
}

// Again if it fails: a machine that is busy with something else takes longer for everything.
test("revoked on A, refused on B within 100 ms: 99 of 100 times, of 1,000", {
  retry: 2,
  timeout: 180_000,
}, async () => {
  const { start, userId } = await nodes(60)
  const pair = [await start(), await start()] as const
  const [a, b] = pair
  const [fromAnswer, fromQuestion]: [number[], number[]] = [[], []]
  for (let batch = 0; batch < 20; batch += 1) {
    for (const session of await Promise.all(Array.from({ length: 50 }, () => known(userId, pair)))) {
      const askedAt = performance.now()
      await a.end(session)
      const answeredAt = performance.now()
      const delay = await refusedAfter(b, session, answeredAt)
      fromAnswer.push(delay)
      fromQuestion.push(delay + answeredAt - askedAt)
    }
  }
  console.log(
    `refused on B, ms after A was asked: ${quantiles(fromQuestion)}; after A had answered: ${quantiles(fromAnswer)}`,
  )
  expect(at(0.99, fromAnswer)).toBeLessThan(100)
})

function at(part: number, values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.ceil(part * values.length) - 1] ?? Number.NaN
}

function quantiles(values: readonly number[]): string {
  return [0.5, 0.99, 1].map((part) => at(part, values).toFixed(1)).join(", ")
}

test("a channel that has gone silent: B refuses when the bound is over, and not before the memory is", async () => {
  const ttl = 2
  const [silent, { start, userId }] = [await wire(), await nodes(ttl)]
  const pair = [await start(), await start({ subscriberUrl: silent.url })] as const
  const [a, b] = pair
  silent.goSilent()
  for (let round = 0; round < 3; round += 1) {
    const session = await known(userId, pair)
    await a.end(session)
    const since = performance.now()
    expect(await b.me(session), "nobody has told it, and its copy is young").toBe(200)
    expect(await a.me(session)).toBe(401)
    expect(await acceptedUntil(b, session, since)).toBeLessThanOrEqual(ttl * 1000 + 500)
  }
})

test("a channel that was cut off and is back: what was missed is asked anew, long before the bound", async () => {
  const [broken, { start, userId }] = [await wire(), await nodes(60)]
  const pair = [await start(), await start({ subscriberUrl: broken.url })] as const
  const [a, b] = pair
  const session = await known(userId, pair)
  broken.cut()
  await setTimeout(200)
  await a.end(session)
  expect(await b.me(session)).toBe(200)
  broken.mend()
  expect(await refusedAfter(b, session, performance.now())).toBeLessThan(10_000)
})

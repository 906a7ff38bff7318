import fc from "fast-check"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type HeldWorld, heldWorld, type NodeName, ttlSeconds } from "./held-world.js"

/*
 * Any order in which requests, answers, messages and losses of two nodes can meet. What must hold of every answer stands in held-world.ts:
 * nothing revoked is accepted by who was told, nor by anybody after the bound; nothing valid is refused.
 */

type Action = (world: HeldWorld) => void

const node = fc.constantFrom<NodeName>("a", "b", "b", "fresh")
const ttlMs = ttlSeconds * 1000

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: node.map(
      (name): Action =>
        (world) =>
          world.find(name),
    ),
  },
  {
    weight: 1,
    arbitrary: node.map(
      (name): Action =>
        (world) =>
          world.end(name),
    ),
  },
  {
    weight: 1,
    arbitrary: node.map(
      (name): Action =>
        (world) =>
          world.endAll(name),
    ),
  },
  {
    weight: 2,
    arbitrary: node.map(
      (name): Action =>
        (world) =>
          world.rotate(name),
    ),
  },
  {
    weight: 1,
    arbitrary: node.map(
      (name): Action =>
        (world) =>
          world.touch(name),
    ),
  },
  {
    weight: 1,
    arbitrary: node.map(
      (name): Action =>
        (world) =>
          world.gap(name),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1, 900, 2_500, ttlMs - 1, ttlMs).map(
      (ms): Action =>
        (world) =>
          world.clock.advance(ms),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (isDown): Action =>
        (world) =>
          world.setCacheDown(isDown),
    ),
  },
  {
    weight: 24,
    arbitrary: fc.tuple(fc.nat(50), fc.constantFrom("goes on", "goes on", "is lost")).map(
      ([index, fate]): Action =>
        (world) =>
          world.release(index, fate),
    ),
  },
)

// However slow this machine is, nobody runs out of patience with the cache.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }))
afterEach(() => void vi.useRealTimers())

test("no order of steps lets a node accept what it was told is over, or anybody what is over for longer than the bound", async () => {
  let accepted = 0
  const property = fc.asyncProperty(
    fc.array(action, { minLength: 20, maxLength: 120, size: "max" }),
    async (actions) => {
      const world = await heldWorld()
      for (const act of actions) {
        act(world)
        await world.settle()
      }
      while (world.held() > 0) {
        world.release(0, "goes on")
        await world.settle()
      }
      accepted += world.accepted()
      expect(world.violations).toEqual([])
    },
  )
  await fc.assert(property, { numRuns: 1_500 })
  // Refusing everybody would pass, too.
  expect(accepted).toBeGreaterThan(2_000)
}, 120_000)

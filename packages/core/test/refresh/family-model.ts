/*
 * What a family of refresh tokens does, as a model: an owner and a thief who copies from them, answers that get lost, time, revocation. Any
 * sequence of steps is played against real stores and compared after each.
 */
import assert from "node:assert/strict"
import fc from "fast-check"
import type { AnyAuth } from "../../src/index.js"
import type { AdjustableClock } from "../../src/testing/adjustable-clock.js"
import { day, hour, minute, outcomeOf, refreshWith, signIn, whoIs } from "./token-app.js"

/** Two servers over one set of stores, with one user in them. */
export interface ModelledHost {
  readonly auths: readonly [AnyAuth, AnyAuth]
  readonly clock: AdjustableClock
  readonly userId: string
}

/** Lengths of the hosts that are modelled: refreshTokens({ idle: "2h", absolute: "6h" }). */
export const modelled = { idle: "2h", absolute: "6h" } as const

const [idle, absolute, grace, margin] = [2 * hour, 6 * hour, 30_000, hour]
type Holder = "owner" | "thief"

interface World extends ModelledHost {
  readonly start: number
  readonly sessionId: string
  /** The text of every generation, as it was first seen: there is never another one. */
  readonly texts: string[]
  /** Which generation each holds. */
  readonly holds: Record<Holder, number>
  generation: number
  rotatedAt: number
  /** Until when the store knows the family. */
  rowEnd: number
  ended: boolean
  revoked: boolean
  idleEnd: number
  /** The access token that was issued last. */
  access: { readonly token: string; readonly exp: number }
}

type Step = (world: World) => Promise<void>

/** Instants in a token are whole seconds. */
function accessOf({ clock }: ModelledHost, token: string, life: number): World["access"] {
  return { token, exp: (Math.floor(clock() / 1000) + life) * 1000 }
}

function alive(world: World): boolean {
  return !world.revoked && !world.ended && world.clock() < world.idleEnd
}

/** What must be answered, and how the world is afterwards. */
function expected(world: World, presented: number): string {
  const { clock, generation, rotatedAt, start } = world
  const now = clock()
  if (now >= world.rowEnd) return "refresh_token_invalid"
  const good = presented === generation || (presented === generation - 1 && now < rotatedAt + grace)
  if (world.ended || !good) {
    if (!world.ended) world.rowEnd = now + idle + margin
    world.ended = true
    return "refresh_token_reused"
  }
  if (!alive(world)) return "refresh_token_invalid"
  if (presented === generation) {
    world.generation++
    world.rotatedAt = now
    world.rowEnd = now + idle + margin
  }
  world.idleEnd = Math.min(now + idle, start + absolute)
  return "ok"
}

const refreshes = fc
  .record({ who: fc.constantFrom<Holder>("owner", "owner", "thief"), lost: fc.boolean(), at: fc.nat(1) })
  .map(
    ({ at, lost, who }): Step =>
      async (world) => {
        const presented = world.holds[who]
        const outcome = expected(world, presented)
        const heard = await refreshWith(
          { auth: world.auths[at] ?? world.auths[0] },
          world.texts[presented] ?? "",
        )
        assert.equal(outcomeOf(heard), outcome, `generation ${presented}`)
        if (heard.status !== 200) return
        const { access_token, expires_in, refresh_token } = heard.body
        world.texts[presented + 1] ??= refresh_token
        assert.equal(refresh_token, world.texts[presented + 1], "one successor")
        world.access = accessOf(world, access_token, expires_in)
        if (!lost) world.holds[who] = presented + 1
      },
  )

/** Several servers hear the owner's token at once. */
const storms = fc.integer({ min: 2, max: 6 }).map(
  (count): Step =>
    async (world) => {
      const presented = world.holds.owner
      const outcome = expected(world, presented)
      const all = await Promise.all(
        Array.from({ length: count }, (_, n) =>
          refreshWith({ auth: world.auths[n % 2] ?? world.auths[0] }, world.texts[presented] ?? ""),
        ),
      )
      assert.deepEqual(
        all.map(outcomeOf),
        Array.from(all, () => outcome),
      )
      for (const { body } of all) {
        if (outcome !== "ok") continue
        world.texts[presented + 1] ??= body.refresh_token
        assert.equal(body.refresh_token, world.texts[presented + 1], "one successor of many")
        world.holds.owner = presented + 1
        world.access = accessOf(world, body.access_token, body.expires_in)
      }
    },
)

const thefts: fc.Arbitrary<Step> = fc.constant(async ({ holds }) => {
  holds.thief = holds.owner
})

const waits = fc.constantFrom(1, 10_000, grace - 1, grace, 5 * minute, hour, idle - 1, idle).map(
  (ms): Step =>
    async ({ clock }) =>
      clock.advance(ms),
)

const revocations = fc.constantFrom("one", "all").map(
  (which): Step =>
    async (world) => {
      const { auths, sessionId, userId } = world
      const was = alive(world)
      const ended =
        which === "one"
          ? await auths[1].sessions.end(userId, sessionId, "revoked", {})
          : await auths[1].sessions.endAll(userId, "revoked", {})
      assert.equal(Boolean(ended), was, "what was there to revoke")
      world.revoked = true
    },
)

const steps = fc.oneof(
  { arbitrary: refreshes, weight: 12 },
  { arbitrary: storms, weight: 2 },
  { arbitrary: waits, weight: 6 },
  { arbitrary: thefts, weight: 3 },
  { arbitrary: revocations, weight: 1 },
)

async function begin(host: ModelledHost): Promise<World> {
  const { body, status } = await signIn({ auth: host.auths[0] as never })
  assert.equal(status, 200)
  const now = host.clock()
  return {
    ...host,
    start: now,
    sessionId: `${body.session?.["id"]}`,
    texts: [body.refresh_token],
    holds: { owner: 0, thief: 0 },
    generation: 0,
    rotatedAt: now,
    rowEnd: now + idle + margin,
    ended: false,
    revoked: false,
    idleEnd: now + idle,
    access: accessOf(host, body.access_token, body.expires_in),
  }
}

async function compare(world: World): Promise<void> {
  const { access, auths, clock, sessionId, userId } = world
  const lives = alive(world)
  const listed = await auths[0].sessions.list(userId)
  assert.equal(
    listed.some(({ id }) => id === sessionId),
    lives,
    "listed",
  )
  const known = lives && clock() < access.exp + 30_000
  assert.equal(await whoIs({ auth: auths[1] }, access.token), known ? userId : null, "the last access token")
}

/** Plays `runs` random histories. What each did is counted, so that a test can see that it tried everything. */
export async function playFamilies(
  host: ModelledHost,
  runs: number,
): Promise<Readonly<Record<string, number>>> {
  const tally: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 14 }), async (history) => {
      const world = await begin(host)
      for (const step of history) {
        await step(world)
        await compare(world)
      }
      for (const [name, happened] of Object.entries({
        rotated: world.generation > 1,
        reused: world.ended,
        revoked: world.revoked,
        over: world.clock() >= world.idleEnd,
        alive: alive(world),
      }))
        tally[name] = (tally[name] ?? 0) + Number(happened)
      await host.auths[0].sessions.endAll(host.userId, "revoked", {})
      host.clock.advance(day)
    }),
    { numRuns: runs, seed: 20261121 },
  )
  return tally
}

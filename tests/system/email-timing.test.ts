/*
 * How long it takes to ask for a new address must not tell whether somebody has it. The kinds take turns, so that the machine's moods hit all alike; a
 * shared machine can still spoil a run, so up to three are made.
 */
import { afterEach, expect, test } from "vitest"
import { type EmailCluster, emailCluster } from "./email-servers.js"
import { wirings } from "./servers.js"

let opened: EmailCluster | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

const rounds = 200

test.each(wirings)(
  "median time of a request over that for an address that nobody has, %s: 0.9 to 1.1",
  { timeout: 300_000 },
  async (wiring) => {
    opened = await emailCluster(wiring)
    let ratios: Record<string, number> = {}
    for (let run = 0; run < 3; run++) {
      ratios = await measure(opened, run)
      if (Object.values(ratios).every((ratio) => ratio >= 0.9 && ratio <= 1.1)) return
    }
    expect(ratios).toBe("all within 0.9 and 1.1")
  },
)

/** How long an answer takes for each kind of holder over one for nobody a moment before or after: the median. Every request has an address of its own. */
async function measure({ a, signIn }: EmailCluster, run: number): Promise<Record<string, number>> {
  const holders: Readonly<Record<string, (email: string) => Promise<unknown>>> = {
    nobody: async () => undefined,
    proven: (email) => a.stores.users.create({ email, emailVerifiedAt: 1, createdAt: 1 }),
    "never proven": (email) => a.stores.users.create({ email, emailVerifiedAt: null, createdAt: 1 }),
  }
  const names = Object.keys(holders)
  const emailOf = (name: string, n: number): string => `${name.replace(" ", ".")}.${run}.${n}@example.com`
  for (let n = 0; n < rounds; n++) await Promise.all(names.map((name) => holders[name]?.(emailOf(name, n))))
  const token = await signIn()
  const ratios = new Map(names.map((name) => [name, [] as number[]]))
  for (let n = 0; n < rounds; n++) {
    const took = new Map<string, number>()
    // Each kind comes first, second … as often as the others.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + n) % names.length] ?? ""
      const start = performance.now()
      const outcome = await a.auth.flows.email.requestChange({ email: emailOf(name, n) }, { token })
      took.set(name, performance.now() - start)
      expect(outcome).toEqual({ ok: true })
      // The mail leaves meanwhile, and is no part of the next one's time.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    for (const [name, time] of took) ratios.get(name)?.push(time / (took.get("nobody") ?? Number.NaN))
  }
  return Object.fromEntries([...ratios].map(([name, all]) => [name, median(all)]))
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

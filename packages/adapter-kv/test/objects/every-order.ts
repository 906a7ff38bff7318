import type { ObjectNamespace, ObjectStub } from "../../src/index.js"

/** What runs in parallel, and what must hold. */
export interface Scenario {
  /** Operations; each gets a namespace of its own. */
  readonly actors: readonly ((namespace: ObjectNamespace) => Promise<unknown>)[]
  /** Looks at the stores when all operations have ended. */
  readonly atEnd: () => Promise<void>
}

export interface Exploration {
  readonly namespace: ObjectNamespace
  /** Sets up a fresh scenario, which makes the same calls in the same order for the same order of calls. */
  readonly begin: () => Promise<Scenario>
  /** Whether one actor's process may die, at any of its calls: before it was made, or before its answer came. */
  readonly crashes?: boolean
}

interface Waiting {
  readonly actor: number
  readonly run: () => Promise<void>
  readonly die: (afterwards: boolean) => Promise<void>
}

/** A turning taken, of so many. */
interface Turning {
  readonly taken: number
  readonly of: number
}

/**
 * Runs a scenario once for every order in which objects can be called by its actors, and answers how many orders there
 * were. An actor is stopped before each call; then one of the waiting calls is let through, until none waits.
 */
export async function everyOrder(exploration: Exploration): Promise<number> {
  let path: readonly number[] | undefined = []
  let runs = 0
  while (path !== undefined) {
    path = following(await runOnce(exploration, path))
    runs += 1
  }
  return runs
}

/** Depth first: the last turning that has another way left, one further. */
function following(turnings: readonly Turning[]): readonly number[] | undefined {
  const open = turnings.flatMap(({ taken, of }, index) => (taken + 1 < of ? index : []))
  const last = open.at(-1)
  if (last === undefined) return undefined
  return turnings.slice(0, last + 1).map(({ taken }, index) => (index === last ? taken + 1 : taken))
}

async function runOnce(
  { namespace, begin, crashes = false }: Exploration,
  path: readonly number[],
): Promise<readonly Turning[]> {
  const scenario = await begin()
  const waiting: Waiting[] = []
  const dead = new Set<number>()
  const turnings: Turning[] = []
  const operations = scenario.actors.map((actor, index) => actor(gated(namespace, index, waiting)))
  const ended = new Set<number>()
  const failures: unknown[] = []
  for (const [index, operation] of operations.entries()) {
    operation
      .catch((error: unknown) => {
        if (!dead.has(index)) failures.push(error)
      })
      .finally(() => ended.add(index))
  }

  /** Until every actor has ended or waits for a call; each makes one at a time. */
  async function untilStopped(): Promise<void> {
    const stopped = (actor: number): boolean =>
      ended.has(actor) || waiting.some((call) => call.actor === actor)
    while (![...operations.keys()].every(stopped)) await new Promise((resolve) => setTimeout(resolve, 0))
    // In the order of the actors, whichever was faster this time.
    waiting.sort((one, other) => one.actor - other.actor)
  }

  await untilStopped()
  while (waiting.length > 0) {
    // With crashes: let it through, or let its process die before or after the call. Only one dies per run.
    const ways = crashes && dead.size === 0 ? 3 : 1
    const taken = path[turnings.length] ?? 0
    turnings.push({ taken, of: waiting.length * ways })
    const [call] = waiting.splice(Math.floor(taken / ways), 1)
    if (call === undefined) throw new Error("the scenario took another way than before")
    if (taken % ways === 0) await call.run()
    else {
      dead.add(call.actor)
      await call.die(taken % ways === 2)
    }
    await untilStopped()
  }
  if (failures.length > 0) throw failures[0]
  await scenario.atEnd()
  return turnings
}

function gated(namespace: ObjectNamespace, actor: number, waiting: Waiting[]): ObjectNamespace {
  function gate(stub: ObjectStub): ObjectStub {
    return new Proxy(stub, {
      get(_, method) {
        return (...given: unknown[]) =>
          new Promise((resolve, reject) => {
            const make = (): Promise<unknown> => Reflect.apply(Reflect.get(stub, method), stub, given)
            waiting.push({
              actor,
              run: () => make().then(resolve, reject),
              async die(afterwards) {
                if (afterwards) await make()
                reject(new Error("the process died"))
              },
            })
          })
      },
    })
  }
  return {
    idFromName: (name) => namespace.idFromName(name),
    get: (id, options) => gate(options === undefined ? namespace.get(id) : namespace.get(id, options)),
  }
}

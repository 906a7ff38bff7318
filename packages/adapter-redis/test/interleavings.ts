import type { RedisCommand, SendCommand } from "../src/index.js"

/** What runs in parallel, and what must hold. */
export interface Scenario {
  /** Operations; each gets a client of its own. */
  readonly actors: readonly ((send: SendCommand) => Promise<unknown>)[]
  /** Looks at the store after every single command, while all operations stand still. */
  readonly afterEach?: () => Promise<void>
  /** Looks at the store when all operations have ended. */
  readonly atEnd: () => Promise<void>
}

export interface Exploration {
  /** Sends the commands that the explorer lets through, one at a time. */
  readonly send: SendCommand
  /** Sets up a fresh scenario. It must make the same commands in the same order for the same interleaving. */
  readonly begin: () => Promise<Scenario>
  /**
   * Whether one actor's process may die, at any of its commands: before it was executed, or before its answer
   * came.
   */
  readonly crashes?: boolean
}

interface Waiting {
  readonly actor: number
  readonly command: RedisCommand
  readonly answer: (reply: Promise<unknown>) => void
}

/**
 * Runs a scenario once for every order in which the server can see the commands of its actors, and answers
 * how many orders there were. Each actor is stopped before every command; then one of the waiting commands is
 * let through, until none waits. What is tested so is not that a race was won a thousand times, but that
 * there is no order that loses it.
 */
export async function everyInterleaving(exploration: Exploration): Promise<number> {
  let path: readonly number[] | undefined = []
  let runs = 0
  while (path !== undefined) {
    path = following(await runOnce(exploration, path))
    runs += 1
  }
  return runs
}

/** A turning taken, of so many. */
interface Turning {
  readonly taken: number
  readonly of: number
}

async function runOnce(exploration: Exploration, path: readonly number[]): Promise<readonly Turning[]> {
  const { send, begin, crashes = false } = exploration
  const scenario = await begin()
  const waiting: Waiting[] = []
  const turnings: Turning[] = []
  const failures: unknown[] = []
  let crashed = !crashes

  for (const [actor, run] of scenario.actors.entries()) start(run, actor)
  await standstill()
  while (waiting.length > 0) {
    const turning = { taken: path[turnings.length] ?? 0, of: waiting.length * (crashed ? 1 : 3) }
    turnings.push(turning)
    const [chosen] = waiting.splice(turning.taken % waiting.length, 1)
    if (chosen === undefined) throw new Error("The scenario is not the same from run to run.")
    const fate = Math.floor(turning.taken / (waiting.length + 1))
    if (fate === 0) await letThrough(chosen)
    else {
      crashed = true
      if (fate === 1) await send(chosen.command)
      crash(chosen)
    }
    await standstill()
    if (failures.length > 0) throw failures[0]
    await scenario.afterEach?.()
  }
  await scenario.atEnd()
  return turnings

  function start(run: Scenario["actors"][number], actor: number): void {
    const gate: SendCommand = (command) => new Promise((answer) => waiting.push({ actor, command, answer }))
    run(gate).catch((error: unknown) => {
      if (!(error instanceof Crash)) failures.push(error)
    })
  }

  async function letThrough({ command, answer }: Waiting): Promise<void> {
    const reply = send(command)
    answer(reply)
    await reply.catch(() => {})
  }

  /** The process is gone with everything that it had not sent yet. */
  function crash({ actor, answer }: Waiting): void {
    answer(Promise.reject(new Crash()))
    for (const other of waiting.filter((each) => each.actor === actor))
      waiting.splice(waiting.indexOf(other), 1)
  }
}

class Crash extends Error {}

/**
 * The next path in depth-first order: the last turning that was not the last of its kind, taken one further.
 */
function following(turnings: readonly Turning[]): readonly number[] | undefined {
  const last = turnings.map(({ taken, of }) => taken + 1 < of).lastIndexOf(true)
  const turning = turnings[last]
  if (turning === undefined) return undefined
  return [...turnings.slice(0, last).map(({ taken }) => taken), turning.taken + 1]
}

/**
 * Until every actor waits for a command or has ended: nothing but commands makes them wait for longer than a
 * microtask.
 */
function standstill(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** As long as a message to the other tabs may take at worst. */
const holdMs = 10_000
/** Without locks the tabs come one after the other, in an order that chance makes. */
const spreadMs = 2_000

/**
 * Runs `work` in one of all tabs that ask for it under the same name, and does nothing in the others. The name must change with what the work
 * brings about: after success its lock is kept for a while, so that a tab which has not heard of it yet does not do it again; after failure,
 * or when its tab is closed, the next that asks gets it. A browser without locks waits a random while instead, and `work` looks whether it is
 * still to be done.
 *
 * @param work answers whether it is done
 */
export function inOneTab(name: string, work: () => Promise<boolean>, random: () => number): Promise<void> {
  const { locks } = navigator
  if (!locks) return sleep(random() * spreadMs).then(async () => void (await work()))
  return new Promise((resolve) => {
    locks
      .request(name, { ifAvailable: true }, async (lock) => {
        const done = lock && (await work())
        resolve()
        if (done) await sleep(holdMs)
      })
      // A document that is on its way out gets no lock.
      .catch(() => resolve())
  })
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * Runs `count` callers at once and answers what each got, in the order of their numbers. All wait at one
 * barrier and start together; the numbers are dealt to `callers` in turn, so that two callers split the race
 * over two instances: `race(16, [() => a.take(key), () => b.take(key)])`. Rejects, after every caller has
 * ended, if one of them rejected.
 */
export async function race<R>(
  count: number,
  callers: readonly ((index: number) => Promise<R>)[],
): Promise<readonly R[]> {
  let open = (): void => {}
  const barrier = new Promise<void>((resolve) => {
    open = resolve
  })
  async function start(index: number): Promise<R> {
    const caller = callers[index % callers.length]
    if (caller === undefined) throw new TypeError("race: give at least one caller")
    await barrier
    return caller(index)
  }
  const running = Array.from({ length: count }, (_, index) => start(index))
  open()
  await Promise.allSettled(running)
  return Promise.all(running)
}

/** Does it after so many milliseconds, in a process that has other reasons to live. */
export function later(ms: number, step: () => void): void {
  const timer: unknown = setTimeout(step, ms)
  // Elsewhere than on Node a timer is a number, and holds nothing open.
  if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref()
}

/** Rejects when there is no answer after so many milliseconds. What comes later is nobody's. */
export function within<Value>(ms: number, answer: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/**
 * Where faults go if the host says nothing else: the fault itself, and of its cause the name and the code. A driver's error may carry rows and
 * parameters in its message and its other properties, and those must not reach a log.
 */
export function logFault(fault: unknown): void {
  const { stack, cause } = fault instanceof Error ? fault : new Error("Not an Error.")
  // biome-ignore lint/suspicious/noConsole: a fault that nobody hears would be worse than a line on stderr
  console.error(stack, cause instanceof Error ? [cause.name, Reflect.get(cause, "code")] : "")
}

/**
 * Where faults go if the host says nothing else: the stacks of an error and its causes. A driver's error may carry rows and parameters in its
 * other properties, and those must not reach a log.
 */
export function logFault(fault: unknown): void {
  if (!(fault instanceof Error)) return
  // biome-ignore lint/suspicious/noConsole: a fault that nobody hears would be worse than a line on stderr
  console.error(fault.stack)
  logFault(fault.cause)
}

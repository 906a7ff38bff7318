/**
 * Where faults go if the host says nothing else: the stacks of an error and its causes. A driver's error may carry rows and parameters in its
 * other properties, and those must not reach a log.
 */
export function logFault(fault: unknown): void {
  if (!(fault instanceof Error)) return
  console.error(fault.stack)
  logFault(fault.cause)
}

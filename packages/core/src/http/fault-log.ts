/**
 * Where faults go if the host says nothing else. Only messages and stacks: a driver's error may carry rows and parameters in its other
 * properties, and those must not reach a log.
 */
export function logFault(fault: unknown): void {
  // biome-ignore lint/suspicious/noConsole: a fault that nobody hears would be worse than a line on stderr
  console.error(describe(fault))
}

function describe(fault: unknown): string {
  if (!(fault instanceof Error)) return `mortise: ${typeof fault} was thrown`
  const own = fault.stack ?? `${fault.name}: ${fault.message}`
  return fault.cause === undefined ? own : `${own}\nCaused by: ${describe(fault.cause)}`
}

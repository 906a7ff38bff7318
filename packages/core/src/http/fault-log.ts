/**
 * Where faults go if the host says nothing else: our own message, and of its causes the name, the code and the stack's frames. A driver's error
 * may carry rows and parameters in its message and other properties, and those must not reach a log.
 */
export function logFault(fault: unknown): void {
  // biome-ignore lint/suspicious/noConsole: a fault that nobody hears would be worse than a line on stderr
  console.error(fault instanceof Error ? `${fault.stack}${causeOf(fault.cause)}` : typeof fault)
}

function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ""
  const frames = cause.stack?.slice(cause.stack.indexOf("\n    at ")) ?? ""
  return `\nCaused by ${cause.name} ${"code" in cause ? cause.code : ""}${frames}`
}

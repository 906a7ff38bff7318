import type { Context } from "../context.js"

/** Does what the visitor must neither wait for nor learn of; a Worker stays awake for it. Throws nothing: the host hears what fails. */
export function afterAnswer(
  work: () => unknown,
  { waitUntil }: Context,
  onFault: (fault: unknown) => void,
): void {
  const done = Promise.resolve().then(work).catch(onFault)
  try {
    waitUntil?.(done)
  } catch (fault) {
    // The runtime may end now before it is done; the host must know.
    onFault(fault)
  }
}

/**
 * Redis answered something that this adapter did not write: another program's key under the prefix, another
 * version's format, or a client that changes replies (buffers for strings, strings for numbers). It is a
 * fault, never "no such session". The message says what was expected and holds nothing of what came.
 */
export class MalformedDataError extends Error {
  constructor(message: string) {
    super(message)
    this.name = "MalformedDataError"
  }
}

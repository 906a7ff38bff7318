/**
 * A value was read that this adapter did not write: another program's key under the prefix, or another version's
 * format. It is a fault, never "no such session". The message says what was expected and holds nothing of what
 * came.
 */
export class MalformedDataError extends Error {
  constructor(message: string) {
    super(message)
    this.name = "MalformedDataError"
  }
}

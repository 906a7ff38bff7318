/** One WebSocket as it is written to, whatever the runtime. */
export interface Wire {
  /** Hands a text over to be sent; may throw. */
  send(text: string): void
  /** Closes it; may throw. Nothing more is asked of a wire after that. */
  close(code: number, reason: string): void
  /**
   * How many bytes were handed over and are not sent yet. Undefined where the runtime does not tell, as on Workers: then nothing bounds what
   * waits for a client that does not read.
   */
  readonly bufferedAmount?: number | undefined
  /**
   * Does the work soon, where this socket may be touched. Only for runtimes in which one request may not touch what belongs to another, nor keep
   * a timer for it, as on Workers; elsewhere it is done at once.
   */
  later?(work: () => void): void
}

/** What a binding tells of one WebSocket. Neither throws. */
export interface Inlet {
  /** A message, in the order of arrival. What is no string came as binary. */
  receive(data: unknown): void
  /** It is closed, or broken. */
  left(): void
}

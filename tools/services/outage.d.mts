/** What a test can do to a service, in order to see what the library makes of it. */
export interface Outage {
  /** Stops it and all its children where they stand: connections hang, none is refused. */
  pause(): void
  /** Ends a pause. */
  resume(): void
  /** Ends it without warning and waits until it is gone: connections break, new ones are refused. */
  kill(): Promise<void>
  /** After `kill`: starts it again on the same port and waits until it is ready. */
  restart(): Promise<void>
}

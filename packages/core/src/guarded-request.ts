/** What a rule, or a session strategy, may look at of a request. */
export interface GuardedRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** A header by its lower-case name. */
  header(name: string): string | null | undefined
}

/** What a rule, or a session strategy, may look at of a request. */
export interface GuardedRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** A header by its lower-case name. */
  header(name: string): string | null | undefined
  /**
   * A parameter of the path of the route that is guarded, decoded: `param("storeCode")` is `"ACME"`. Only where a framework has matched a route. It
   * is what somebody wrote, not what they may see.
   */
  param?(name: string): string | undefined
}

import type { Auth, Rule } from "@mortise/core"

/** One step of assembling a host application, in the order in which its author would write it. */
export type Step =
  /** `app.use(at, mortise(auth))`; `at` is a path prefix, default everything. */
  | { readonly use: "mortise"; readonly auth: Auth; readonly at?: string; readonly address?: string }
  /** `app.use(at, requireSession(rule))` */
  | { readonly use: "guard"; readonly at: string; readonly rule?: Rule | undefined }
  /** A middleware of the host's own that sets two cookies and `Cache-Control: public` before anything else. */
  | { readonly use: "host-headers" }
  /** A route of every method that answers a {@link Page}, guarded if it has a `guard`. */
  | { readonly use: "page"; readonly path: string; readonly guard?: true | Rule }

/** What a page of the test hosts answers. */
export interface Page {
  readonly page: string
  readonly userId: string | null
  readonly realm: string | null
  readonly claims: unknown
  /** `address` of `contextOf()`, or null where no session loader stands before the page. */
  readonly address: string | null
}

/** A request as it goes over the wire: the target is sent as it stands here. */
export interface Sent {
  readonly method?: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface RunningHost {
  send(sent: Sent): Promise<Reply>
  /** Where it listens; undefined for a host without a socket. */
  readonly port: number | undefined
  /** What reached the host's own error handler, which answers 500. */
  readonly errors: readonly Error[]
}

/** A framework that the bindings fit into. */
export interface Host {
  readonly name: string
  start(steps: readonly Step[]): Promise<RunningHost>
}

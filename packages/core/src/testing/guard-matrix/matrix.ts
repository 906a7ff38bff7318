import type { Expected } from "./expected-answer.js"

/** What came of trying every route as every character. */
export interface GuardMatrix {
  readonly rows: readonly MatrixRow[]
  /** Routes that have no rule of their own, and are not open on purpose. */
  readonly undeclared: readonly string[]
  /** Routes that are open on purpose: outside of all areas, named by a realm's `open`, or listed as `public`. Nothing is sent there. */
  readonly public: readonly string[]
  /** Routes to which no address leads that is known. */
  readonly untestable: readonly string[]
  /**
   * What must not be, a sentence each: undeclared and untestable routes, answers that were not as expected, and routes that none of the characters
   * may enter, since there a guard that refuses everybody would look right.
   */
  readonly problems: readonly string[]
  /** The table for a page of documentation. Kept in version control, it shows each change of who may do what. */
  toMarkdown(): string
}

/** One address of a route, and what each character was answered there. */
export interface MatrixRow {
  /** `GET /store/:storeCode/dashboard` */
  readonly route: string
  /** `/store/ACME/dashboard` */
  readonly target: string
  readonly realm: string
  /**
   * The name of the realm's rule, if it has one, and of those on the way to the handler; `signed in` for a guard without a rule, `a rule` for one
   * without a name.
   */
  readonly rules: readonly string[]
  /** In the order of the characters. */
  readonly answers: readonly MatrixAnswer[]
}

/** What one character was answered. */
export interface MatrixAnswer {
  readonly character: string
  readonly expected: Expected
  readonly status: number
}

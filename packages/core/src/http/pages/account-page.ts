import type { PlainPage } from "./plain-page.js"

/** A question with one button. */
export interface AccountQuestion {
  readonly title: string
  /** The address stands below it. */
  readonly text: string
  /** What must be read before the button is pressed. */
  readonly note: string
  readonly button: string
}

/** What a page behind a link to an account shows. A host's own page gets the same: all that stands in it is plain text, and must be escaped. */
export interface AccountPageView<L extends string = string> extends PlainPage {
  readonly locale: L
  /** `done`: there is nothing left to do. `refused`: the link does nothing. All others ask, and have a `form` of one button that does it. */
  readonly kind: "verify-email" | "confirm-email" | "undo-email" | "reactivate" | "done" | "refused"
}

/** Makes a whole HTML page of a view. Escape what stands in it, post all fields of its form, load nothing from other sites. */
export type AccountPage<L extends string = string> = (view: AccountPageView<L>) => string

import { canonicalEmail } from "../../email-address.js"
import type { SignInCause } from "../../events.js"
import type { Stores } from "../../stores/ports.js"
import type { NameAndPassword } from "./password.js"

/** What somebody typed to say who they are, and whose it is: believed of nothing until the password is proven. */
export interface SoughtAccount {
  /** Its one spelling, for keyed digests. No two names that are told apart have the same. */
  readonly sought: string
  /** Whose it is, as `users` spells the id. Undefined: nobody's. */
  readonly id: string | undefined
  /** Why nobody is signed in where it is nobody's. */
  readonly unknown: SignInCause
}

/** The field into which an account's name is typed. */
export type NameField = "email" | "username"

/** By what an account is named at sign-in. */
export interface AccountNames<Field extends NameField = NameField> {
  readonly field: Field
  /** Finds the account: one look-up, whatever was typed, so that no answer is quicker than another. Rejects with what the look-up rejects with. */
  find(typed: NameAndPassword<Field>, stores: Pick<Stores, "users">): Promise<SoughtAccount>
}

/** By its e-mail address, in any spelling. */
export const byEmail: AccountNames<"email"> = {
  field: "email",
  async find(typed, { users }) {
    const email = canonicalEmail(typed.email)
    // What cannot be an address is looked up all the same, under a name that no account has, so that it costs the same.
    const sought = email ?? "@"
    const user = await users.findByEmail(sought)
    return { sought, id: user?.id, unknown: email ? "unknown_email" : "malformed_email" }
  },
}

import type { User, UserStore } from "@mortise/core"

/** What somebody is here. One at a time. */
export type Role = "admin" | "store" | "customer"

export const roles: readonly Role[] = ["admin", "store", "customer"]

/** Somebody with an account: what the library needs of a user, and what is ours. */
export interface Person extends User {
  /** What they may type in place of the address. Not unique: the oldest account has it. */
  readonly username: string
  readonly name: string
  readonly role: Role
}

/** Our users as the library sees them, and what an administrator does with them. */
export interface People extends UserStore<Person> {
  /** Of several with that username, the oldest account's. An e-mail address is none: the library looks that up by itself. */
  findByUsername(name: string): Promise<Person | undefined>
  /** False if there is no such person. */
  changeRole(id: string, role: Role): Promise<boolean>
}

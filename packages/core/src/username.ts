import type { Awaitable } from "./awaitable.js"
import { byEmail } from "./flows/password/account-names.js"
import { passwordReasons } from "./http/routes/password-routes.js"
import type { SignInNames } from "./password.js"

/** Of letters, marks and decimal digits of any script (RFC 8264 §9.1), and three signs that are no part of an address's own grammar. */
const identifier = /^[\p{Ll}\p{Lo}\p{Lm}\p{Nd}_][\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}._-]{0,63}$/u
/** Letters and marks that are not seen, or not where they stand: ignorable (§9.13), conjoining Hangul (§9.9), the exceptions of §9.6. */
const unseen =
  /[\p{Default_Ignorable_Code_Point}\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B]/u

/**
 * The one spelling of a user name: what a host keeps unique, and what is looked up. RFC 8265 §3.3 (UsernameCaseMapped): full and half width
 * are one, lower case, Unicode NFC; outer ASCII spaces are removed, as of an e-mail address. Then 1 to 64 code points: letters, marks and
 * decimal digits of any script, and after the first `.`, `_` and `-`; a name may begin with `_`. Applied again it changes nothing.
 *
 * Undefined for everything else: what has an at-sign or looks like one, spaces, controls, direction and joining marks, characters that are
 * another's compatibility form (`ﬁ`, `²`, `𝐚`), what is not seen. Narrower than the RFC, which has all of ASCII's signs and joiners in their
 * contexts. Not held: its Bidi Rule, and that letters of two scripts which look alike are two names (`аda` and `ada`); a host that shows
 * names to others decides at registration which scripts it takes.
 */
export function canonicalUsername(input: string): string | undefined {
  if (input.length > 320) return undefined
  const name = mapped(input.replace(/^ +| +$/g, ""))
  const stable = mapped(name).normalize("NFKC") === name
  return stable && identifier.test(name) && !unseen.test(name) ? name : undefined
}

/** The width, case and normalization rules, in their order. Of the block in question compatibility is about width alone. */
function mapped(text: string): string {
  return text
    .replace(/[\uFF00-\uFFEF]/g, (wide) => wide.normalize("NFKC"))
    .toLowerCase()
    .normalize("NFC")
}

/** Who has a name, as the host's own table says: a user with the id that the `users` store knows, or nobody. */
export type FindByUsername = (name: string) => Awaitable<{ readonly id: string } | null | undefined>

/**
 * Lets users sign in by the names that they have in the host's own table: `password({ hasher, username: byUsername((name) => …) })`. `login` then
 * takes `{ username, password }`. What is a user name is looked up by the host; everything else, whatever has an at-sign above all, as an
 * e-mail address, so that nobody's name leads to another's address. Both lead to one account, with one count of failures.
 *
 * @param find gets names as {@link canonicalUsername} spells them, and no others; compare in the same spelling. Only the id of its answer is
 * used: the user is read from the `users` store afterwards. What it throws is a fault, answered with 500, or 503 for a StoreError, and so is
 * an answer without an id; an id that the store does not know, or spells otherwise, is nobody's.
 */
export function byUsername(find: FindByUsername): SignInNames<"username"> {
  return {
    field: "username",
    reasons: {
      ...passwordReasons,
      invalid_credentials: [401, "The user name or the password is not right."],
    },
    async find({ password, username }, stores) {
      const name = canonicalUsername(username)
      // No address and no id looks like this, so that an unknown name counts no failures against anybody's.
      if (name !== undefined)
        return { sought: `@${name}`, id: idOf(await find(name)), unknown: "unknown_username" }
      // What cannot be a name either is looked up all the same.
      const found = await byEmail.find({ email: username, password }, stores)
      return username.includes("@") ? found : { ...found, unknown: "malformed_username" }
    },
  }
}

/** A table's `null` is nobody. A row of another shape is a mistake of the host's, and not to be taken for "unknown". */
function idOf(user: unknown): string | undefined {
  if (user === undefined || user === null) return undefined
  const id = typeof user === "object" && "id" in user ? user.id : undefined
  if (typeof id === "string") return id
  throw new TypeError("byUsername: answer the user, with its id as a text, or undefined.")
}

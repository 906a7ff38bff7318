import type { RequestListener } from "node:http"
import type { Pool } from "pg"
import type { RedisClientType } from "redis"

/** A connected client of node-redis, without modules. */
export type Redis = RedisClientType<Record<never, never>, Record<never, never>, Record<never, never>>

/** One library's sessions in one store, as a host uses them. Users are numbered from 0. */
export interface Sessions {
  /** Creates the users 0 to `count - 1` where the library must know them; called once, before the first session. */
  register(count: number): Promise<void>
  /** Opens a session of a user and answers the `Cookie` header that their browser then sends. */
  signIn(user: number): Promise<string>
  /** The `Cookie` header of a session that would be good if it were not over. Waits until it is. */
  expired(): Promise<string>
  /** What a guard asks: the id of the user whose session it is, undefined for nobody. */
  check(cookie: string): Promise<string | undefined>
}

/** A server whose `GET /me` answers 200 to a signed-in user and 401 to everybody else. */
export interface Guarded extends Omit<Sessions, "check"> {
  readonly listener: RequestListener
}

/** A server at which users sign in with a password. */
export interface SignInServer {
  readonly listener: RequestListener
  readonly path: string
  /** The JSON that signs an account in. */
  body(account: Account): object
}

/** A user with a password. All accounts of a run share one password and its hash: what is measured is its verification. */
export interface Account {
  readonly email: string
  readonly password: string
  /** PHC string of argon2id with the parameters that all contenders use. */
  readonly hash: string
}

/** A library, set up in every way that is measured. What it cannot do is left out, and stays out of that table. */
export interface Contender {
  readonly name: string
  /** What is installed of it. The results name the versions. */
  readonly packages: readonly string[]
  /** How it is set up, for the results. */
  readonly setup: string
  readonly memory?: () => Promise<Sessions>
  readonly redis?: (client: Redis) => Promise<Sessions>
  readonly postgres?: (pool: Pool) => Promise<Sessions>
  readonly express?: () => Promise<Guarded>
  readonly hono?: () => Promise<Guarded>
  readonly signInServer?: (accounts: readonly Account[]) => Promise<SignInServer>
}

/** The least that a measured thing costs: what is left when the library is taken away. */
export interface Bound extends Omit<Contender, "packages"> {
  /** In a store it only asks the question, and authenticates nobody: there is nothing that it could refuse. */
  readonly isQuestion?: boolean
}

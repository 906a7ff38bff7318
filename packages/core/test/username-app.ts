import { type Auth, type AuthEvent, createAuth, type FlowDefinition, opaque } from "../src/index.js"
import {
  type PasswordCalls,
  type PasswordOptions,
  type PasswordSlots,
  type PasswordSteps,
  password,
} from "../src/password.js"
import { type TestClient, testClient } from "../src/testing/test-client.js"
import { testHasher } from "../src/testing/test-hasher.js"
import { byUsername, type FindByUsername } from "../src/username.js"
import { appWithAda, type Host, origin, secret } from "./app.js"

type ByName = FlowDefinition<PasswordSlots, PasswordSteps<"username">, PasswordCalls<"username">>

/** What two instances of a host share. */
interface Shared extends Pick<Host, "clock" | "stores"> {
  /** Ada's id; her name is "ada". */
  readonly ada: string
  /** The host's own table, from canonical names to ids. */
  readonly people: Map<string, string>
}

/** A host whose users have names. */
export interface UsernameHost extends Shared, Pick<Host, "events" | "faults" | "hasher" | "browser"> {
  readonly auth: Auth<{ readonly password: ByName }>
  /** What the host's table was asked for, in order. */
  readonly asked: readonly string[]
}

/** What a test may set. `find` stands in the place of the table: a host that answers as it likes. */
export interface UsernameOptions extends Partial<PasswordOptions<"username">> {
  readonly find?: FindByUsername
}

/** The app with ada in it. */
export async function usernameApp(options: UsernameOptions = {}): Promise<UsernameHost> {
  const { clock, stores, user } = await appWithAda()
  return usernamesOver({ clock, stores, ada: user.id, people: new Map([["ada", user.id]]) }, options)
}

/** Another instance over the same stores, table and clock. */
export function usernamesOver(shared: Shared, options: UsernameOptions = {}): UsernameHost {
  const { ada, clock, people, stores } = shared
  const { find = findInTable, ...rest } = options
  const hasher = testHasher()
  const events: AuthEvent[] = []
  const faults: unknown[] = []
  const asked: string[] = []

  function findInTable(name: string): { readonly id: string } | undefined {
    const id = people.get(name)
    return id === undefined ? undefined : { id }
  }

  const username = byUsername((name) => {
    asked.push(name)
    return find(name)
  })
  const auth = createAuth({
    origin,
    secret,
    stores,
    clock,
    sessions: opaque(),
    flows: { password: password({ hasher, username, ...rest }) },
    on: (event) => void events.push(event),
    onFault: (fault) => void faults.push(fault),
  })
  const browser = (peer?: string): TestClient =>
    testClient(auth, { origin, ...(peer === undefined ? {} : { peer }) })
  return { ada, asked, auth, browser, clock, events, faults, hasher, people, stores }
}

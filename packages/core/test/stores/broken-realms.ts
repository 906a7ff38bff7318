import { memoryCredentialStore, memoryUserStore } from "../../src/memory.js"
import type { CredentialStore, User, UserStore } from "../../src/stores/ports.js"
import type { CredentialRealmsBench, UserRealmsBench } from "../../src/testing.js"
import type { Defect } from "./broken-atomic.js"

/** Two realms apart, but for what `broken` makes of the second one, which it builds with a hand on the first. */
function userDefect(
  defect: string,
  caughtBy: string,
  broken: (own: UserStore, foreign: UserStore) => Partial<UserStore>,
): Defect<UserRealmsBench> {
  function open(): UserRealmsBench {
    const [one, own] = [memoryUserStore(), memoryUserStore()]
    const other = { ...own, ...broken(own, one) }
    return { a: one, b: one, other: { a: other, b: other } }
  }
  return { defect, open, caughtBy }
}

export const userRealmDefects: readonly Defect<UserRealmsBench>[] = [
  userDefect(
    "an address is unique over all realms",
    "create: of 16 parallel callers in each realm with one address exactly one per realm gets a user",
    (own, foreign) => ({
      create: async (user) => ((await foreign.findByEmail(user.email)) ? undefined : own.create(user)),
    }),
  ),
  userDefect(
    "both realms count their users from 1",
    "create: of 16 parallel callers in each realm with one address exactly one per realm gets a user",
    (own, foreign) => {
      async function renamed(user: User | undefined): Promise<User | undefined> {
        const namesake = user && (await foreign.findByEmail(user.email))
        return namesake ? { ...user, id: namesake.id } : user
      }
      return {
        create: async (user) => renamed(await own.create(user)),
        findByEmail: async (email) => renamed(await own.findByEmail(email)),
      }
    },
  ),
  ...(["find", "findByEmail"] as const).map((method) =>
    userDefect(
      `${method} looks at all realms`,
      "no method reaches another realm's user, by id or address",
      (own, foreign) => ({
        [method]: async (key: string) => (await own[method](key)) ?? foreign[method](key),
      }),
    ),
  ),
  userDefect(
    "update goes by the id alone",
    "no method reaches another realm's user, by id or address",
    (own, foreign) => ({
      async update(id, changes) {
        const answer = await own.update(id, changes)
        return answer === "absent" ? foreign.update(id, changes) : answer
      },
    }),
  ),
  userDefect(
    "delete goes by the id alone",
    "no method reaches another realm's user, by id or address",
    (own, foreign) => ({ delete: async (id) => (await own.delete(id)) || foreign.delete(id) }),
  ),
  userDefect(
    "list brings everybody",
    "list brings the realm's own users only, whatever the cursor",
    (own, foreign) => ({
      list: async (page) => (page.after ? [] : [...(await foreign.list(page)), ...(await own.list(page))]),
    }),
  ),
  userDefect(
    "a cursor is looked up in all realms",
    "list brings the realm's own users only, whatever the cursor",
    (own, foreign) => ({
      list: async (page) => ((await foreign.find(page.after ?? "")) ? foreign.list(page) : own.list(page)),
    }),
  ),
  {
    defect: "the first realm cannot change to an address of the second",
    caughtBy: "an address that another realm's user has is free",
    open: takenAnywhere,
  },
  {
    defect: "of two realms' users that want one address at once, one gets it",
    caughtBy:
      "update: of 16 parallel users in each realm that want one address exactly one per realm gets it",
    open: takenAnywhere,
  },
  {
    defect: "delete takes everybody with the address along",
    caughtBy: "delete ends the user of one realm and leaves the namesake",
    open: deletesNamesakes,
  },
]

function takenAnywhere(): UserRealmsBench {
  const addresses = new Set<string>()
  function withOthers(own: UserStore): UserStore {
    return {
      ...own,
      async create(user) {
        addresses.add(user.email)
        return own.create(user)
      },
      async update(id, changes) {
        const { email = "" } = changes
        if (addresses.has(email)) return "taken"
        addresses.add(email)
        return own.update(id, changes)
      },
    }
  }
  const [one, other] = [withOthers(memoryUserStore()), withOthers(memoryUserStore())]
  return { a: one, b: one, other: { a: other, b: other } }
}

function deletesNamesakes(): UserRealmsBench {
  const [one, other] = [memoryUserStore(), memoryUserStore()]
  const both: UserStore = {
    ...one,
    async delete(id) {
      const namesake = await other.findByEmail((await one.find(id))?.email ?? "")
      if (namesake) await other.delete(namesake.id)
      return one.delete(id)
    },
  }
  return { a: both, b: both, other: { a: other, b: other } }
}

function credentialDefect(
  defect: string,
  caughtBy: string,
  broken: (own: CredentialStore, foreign: CredentialStore) => Partial<CredentialStore>,
): Defect<CredentialRealmsBench> {
  function open(): CredentialRealmsBench {
    const [own, foreign] = [memoryCredentialStore(), memoryCredentialStore()]
    // Either realm has a hand on the other.
    const one = { ...own, ...broken(own, foreign) }
    const other = { ...foreign, ...broken(foreign, own) }
    const newUserId = async (): Promise<string> => crypto.randomUUID()
    return { a: one, b: one, newUserId, other: { a: other, b: other, newUserId } }
  }
  return { defect, open, caughtBy }
}

const reached = "no method reaches another realm's credential, even with its user's id"
const untouched = "of two realms with one handle, a step in one leaves the other's as it is"

export const credentialRealmDefects: readonly Defect<CredentialRealmsBench>[] = [
  {
    defect: "a handle is unique over all realms",
    caughtBy: "insert: of 16 parallel callers in each realm with one handle exactly one per realm gets true",
    open: () => {
      const store = memoryCredentialStore()
      const newUserId = async (): Promise<string> => crypto.randomUUID()
      return { a: store, b: store, newUserId, other: { a: store, b: store, newUserId } }
    },
  },
  credentialDefect("find looks at all realms", reached, (own, foreign) => ({
    find: async (kind, handle) => (await own.find(kind, handle)) ?? foreign.find(kind, handle),
  })),
  credentialDefect("listByUser goes by the user alone", reached, (own, foreign) => ({
    listByUser: async (userId) => [...(await own.listByUser(userId)), ...(await foreign.listByUser(userId))],
  })),
  credentialDefect("replace goes by the handle alone", reached, (own, foreign) => ({
    replace: async (credential, revision) =>
      (await own.replace(credential, revision)) || foreign.replace(credential, revision),
  })),
  credentialDefect("delete goes by the handle alone", reached, (own, foreign) => ({
    delete: async (kind, handle) => (await own.delete(kind, handle)) || foreign.delete(kind, handle),
  })),
  credentialDefect("deleteByUser goes by the user alone", reached, (own, foreign) => ({
    deleteByUser: async (userId) => (await own.deleteByUser(userId)) + (await foreign.deleteByUser(userId)),
  })),
  credentialDefect("replace changes every realm's", untouched, (own, foreign) => ({
    async replace(credential, revision) {
      await foreign.replace(credential, revision)
      return own.replace(credential, revision)
    },
  })),
  credentialDefect("delete removes every realm's", untouched, (own, foreign) => ({
    async delete(kind, handle) {
      await foreign.delete(kind, handle)
      return own.delete(kind, handle)
    },
  })),
  credentialDefect(
    "insert goes where the user is",
    "what is inserted for another realm's user is never that user's",
    (_, foreign) => ({ insert: (credential) => foreign.insert(credential) }),
  ),
]

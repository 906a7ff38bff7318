import { memoryCredentialStore, memoryUserStore } from "../../src/memory.js"
import type { Credential, CredentialStore, User, UserStore } from "../../src/stores/ports.js"
import type { Bench, OwnedBench } from "../../src/testing.js"
import { type Defect, roundTrip } from "./broken-atomic.js"

function userDefect(
  defect: string,
  caughtBy: string,
  broken: (store: UserStore) => Partial<UserStore>,
): Defect<Bench<UserStore>> {
  function open(): Bench<UserStore> {
    const store = memoryUserStore()
    const both = { ...store, ...broken(store) }
    return { a: both, b: both }
  }
  return { defect, open, caughtBy }
}

export const userDefects: readonly Defect<Bench<UserStore>>[] = [
  userDefect(
    "create looks, then inserts",
    "create: of N parallel callers with one address exactly one gets a user",
    (store) => ({
      async create(user) {
        if (await store.findByEmail(user.email)) return undefined
        await roundTrip()
        const existing = await store.findByEmail(user.email)
        if (existing) await store.delete(existing.id)
        return store.create(user)
      },
    }),
  ),
  userDefect(
    "update looks, then writes",
    "update: of N parallel users that want one address exactly one gets it",
    (store) => ({
      async update(id, changes) {
        const holder = changes.email === undefined ? undefined : await store.findByEmail(changes.email)
        if (holder && holder.id !== id) return "taken"
        await roundTrip()
        const answer = await store.update(id, changes)
        return answer === "taken" ? ((await store.find(id)) ?? "absent") : answer
      },
    }),
  ),
  userDefect(
    "create answers a user though the address is taken",
    "create against update: one address never has two owners",
    (store) => ({
      async create(user) {
        const fresh = await store.create(user)
        return fresh ?? store.create({ ...user, email: `${crypto.randomUUID()}@example.com` })
      },
    }),
  ),
  userDefect("update writes all fields back", "updates of different fields at once all apply", (store) => ({
    async update(id, changes) {
      const user = await store.find(id)
      if (!user) return "absent"
      await roundTrip()
      const { email, emailVerifiedAt, disabledAt } = { ...user, ...changes }
      return store.update(id, { email, emailVerifiedAt, disabledAt })
    },
  })),
  userDefect(
    "update ignores null",
    "update changes only the named fields and answers the user as it now is",
    (store) => ({
      update: (id, { disabledAt, ...changes }) =>
        store.update(id, disabledAt ? { ...changes, disabledAt } : changes),
    }),
  ),
  userDefect(
    "a refused update applies the rest",
    'update to another\'s address answers "taken" and applies nothing',
    (store) => ({
      async update(id, { email, ...changes }) {
        const answer = await store.update(id, changes)
        return email === undefined ? answer : store.update(id, { email })
      },
    }),
  ),
  userDefect(
    "the own address counts as taken",
    'update to another\'s address answers "taken" and applies nothing',
    (store) => ({
      async update(id, changes) {
        if (changes.email !== undefined && (await store.findByEmail(changes.email))) return "taken"
        return store.update(id, changes)
      },
    }),
  ),
  userDefect(
    "delete is true for everybody",
    "delete: true for exactly one of N parallel callers, and update brings nobody back",
    (store) => ({
      async delete(id) {
        const user = await store.find(id)
        await roundTrip()
        await store.delete(id)
        return user !== undefined
      },
    }),
  ),
  userDefect(
    "delete keeps the address",
    "delete removes the user, whose address is free and whose id is not reused",
    (store) => {
      const addresses = new Set<string>()
      return {
        async create(user) {
          if (addresses.has(user.email)) return undefined
          addresses.add(user.email)
          return store.create(user)
        },
      }
    },
  ),
  userDefect(
    "lists in the order of creation calls",
    "list brings users by creation, oldest first, page after page, each once",
    (store) => {
      const users: User[] = []
      return {
        async create(user) {
          const fresh = await store.create(user)
          if (fresh) users.push(fresh)
          return fresh
        },
        async list({ limit, after }) {
          const start = users.findIndex((user) => user.id === after) + 1
          return users.slice(start, start + limit)
        },
      }
    },
  ),
  userDefect(
    "pages skip users of one millisecond",
    "list brings users by creation, oldest first, page after page, each once",
    (store) => ({
      async list({ limit, after }) {
        const cursor = after === undefined ? undefined : await store.find(after)
        const all = await store.list({ limit: 10_000 })
        return all.filter((user) => !cursor || user.createdAt > cursor.createdAt).slice(0, limit)
      },
    }),
  ),
  userDefect(
    "pages begin with the last user again",
    "list brings users by creation, oldest first, page after page, each once",
    (store) => ({
      async list({ limit, after }) {
        const all = await store.list({ limit: 10_000 })
        const start = Math.max(
          0,
          all.findIndex(({ id }) => id === after),
        )
        return all.slice(start, start + limit)
      },
    }),
  ),
  userDefect(
    "folds dots in addresses",
    "addresses that differ by a dot, a tag or an odd character are different",
    (store) => ({
      async create(user) {
        const email = user.email.replaceAll(".", "")
        const fresh = await store.create({ ...user, email })
        return fresh && { ...fresh, email: user.email }
      },
      findByEmail: (email) => store.findByEmail(email.replaceAll(".", "")),
    }),
  ),
  userDefect("fails on unknown ids", "unknown users are absent, whatever the shape of the id", (store) => ({
    async find(id) {
      if (!/^[0-9a-f-]{36}$/.test(id)) throw new TypeError("malformed id")
      return store.find(id)
    },
  })),
  userDefect(
    "update creates what is absent",
    "unknown users are absent, whatever the shape of the id",
    (store) => ({
      async update(id, changes) {
        const answer = await store.update(id, changes)
        if (answer !== "absent") return answer
        return { id, email: "", emailVerifiedAt: null, disabledAt: null, createdAt: 0 }
      },
    }),
  ),
  userDefect(
    "a second create changes the first user",
    "create answers undefined if the address is taken, and changes nothing",
    (store) => ({
      async create(user) {
        const existing = await store.findByEmail(user.email)
        if (existing) await store.update(existing.id, { emailVerifiedAt: user.emailVerifiedAt })
        return existing ? undefined : store.create(user)
      },
    }),
  ),
  userDefect(
    "forgets that the address is verified",
    "create answers the user, whom both lookups of the other instance find",
    (store) => ({
      create: (user) => store.create({ ...user, emailVerifiedAt: null }),
    }),
  ),
  userDefect(
    "hands out what it keeps",
    "what was handed in or out can be changed without changing the store",
    (store) => {
      const users = new Map<string, User>()
      return {
        async create(user) {
          const fresh = await store.create(user)
          if (fresh) users.set(fresh.id, { ...fresh })
          return fresh && users.get(fresh.id)
        },
        find: async (id) => users.get(id),
      }
    },
  ),
]

function credentialDefect(
  defect: string,
  caughtBy: string,
  broken: (store: CredentialStore) => Partial<CredentialStore>,
): Defect<OwnedBench<CredentialStore>> {
  function open(): OwnedBench<CredentialStore> {
    const store = memoryCredentialStore()
    const both = { ...store, ...broken(store) }
    return { a: both, b: both, newUserId: async () => crypto.randomUUID() }
  }
  return { defect, open, caughtBy }
}

async function overwrite(store: CredentialStore, credential: Credential): Promise<void> {
  await store.delete(credential.kind, credential.handle)
  await store.insert(credential)
}

export const credentialDefects: readonly Defect<OwnedBench<CredentialStore>>[] = [
  credentialDefect(
    "insert looks, then writes",
    "insert: exactly one of N parallel callers gets true, and its credential stays",
    (store) => ({
      async insert(credential) {
        if (await store.find(credential.kind, credential.handle)) return false
        await roundTrip()
        await overwrite(store, credential)
        return true
      },
    }),
  ),
  credentialDefect(
    "a second insert takes the credential over",
    "(kind, handle) is unique: a second insert is refused and changes nothing",
    (store) => ({
      async insert(credential) {
        const taken = await store.find(credential.kind, credential.handle)
        await overwrite(store, credential)
        return !taken
      },
    }),
  ),
  credentialDefect(
    "handles are unique over all kinds",
    "one handle may be used once in each kind",
    (store) => {
      const handles = new Set<string>()
      return {
        async insert(credential) {
          if (handles.has(credential.handle)) return false
          handles.add(credential.handle)
          return store.insert(credential)
        },
      }
    },
  ),
  credentialDefect(
    "replace ignores the revision",
    "replace stores the next revision only over the expected one",
    (store) => ({
      async replace(credential) {
        const stored = await store.find(credential.kind, credential.handle)
        return stored !== undefined && store.replace(credential, stored.revision)
      },
    }),
  ),
  credentialDefect(
    "replace looks, then writes",
    "replace: exactly one of N parallel callers with one revision gets true",
    (store) => ({
      async replace(credential, expectedRevision) {
        const stored = await store.find(credential.kind, credential.handle)
        if (stored?.revision !== expectedRevision) return false
        await roundTrip()
        await overwrite(store, credential)
        return true
      },
    }),
  ),
  credentialDefect(
    "replace moves to another user",
    "replace never moves a credential to another user or another creation time",
    (store) => ({
      async replace(credential, expectedRevision) {
        const stored = await store.find(credential.kind, credential.handle)
        if (stored?.revision !== expectedRevision) return false
        await overwrite(store, credential)
        return true
      },
    }),
  ),
  credentialDefect(
    "replace brings back what was deleted",
    "delete removes one credential, once, and replace does not bring it back",
    (store) => ({
      replace: async (credential, expectedRevision) =>
        (await store.replace(credential, expectedRevision)) ||
        (expectedRevision === 0 &&
          !(await store.find(credential.kind, credential.handle)) &&
          store.insert(credential)),
    }),
  ),
  credentialDefect(
    "delete is true for everybody",
    "delete: true for exactly one of N parallel callers, and replace brings nothing back",
    (store) => ({
      async delete(kind, handle) {
        const stored = await store.find(kind, handle)
        await roundTrip()
        await store.delete(kind, handle)
        return stored !== undefined
      },
    }),
  ),
  credentialDefect(
    "deleteByUser counts, then removes",
    "deleteByUser: each credential is counted by exactly one of N parallel callers",
    (store) => ({
      async deleteByUser(userId) {
        const { length } = await store.listByUser(userId)
        await roundTrip()
        await store.deleteByUser(userId)
        return length
      },
    }),
  ),
  credentialDefect(
    "deleteByUser leaves passkeys",
    "deleteByUser removes all of the user's credentials, counts them, and nobody else's",
    (store) => ({
      async deleteByUser(userId) {
        const passkeys = (await store.listByUser(userId)).filter(
          (credential) => credential.kind === "passkey",
        )
        const removed = await store.deleteByUser(userId)
        for (const passkey of passkeys) await store.insert(passkey)
        return removed
      },
    }),
  ),
  credentialDefect(
    "secrets are cut at 4 KiB",
    "a credential inserted through one instance is found through the other, field by field",
    (store) => ({
      insert: (credential) => store.insert({ ...credential, secret: credential.secret.slice(0, 4_096) }),
    }),
  ),
  credentialDefect("fails on an empty handle", "unknown credentials are absent", (store) => ({
    async find(kind, handle) {
      if (handle === "") throw new TypeError("empty handle")
      return store.find(kind, handle)
    },
  })),
  credentialDefect(
    "hands out what it keeps",
    "what was handed in or out can be changed without changing the store",
    (store) => {
      const credentials = new Map<string, Credential>()
      return {
        async insert(credential) {
          credentials.set(credential.handle, credential)
          return store.insert(credential)
        },
        find: async (_, handle) => credentials.get(handle),
      }
    },
  ),
]

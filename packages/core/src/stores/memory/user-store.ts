import type { EpochMs } from "../../clock.js"
import type { User, UserStore } from "../ports.js"

/**
 * Users in this process: for tests and demos. Every method does its step before it returns to the event loop,
 * so on one thread each step is indivisible. Users that it answers are frozen.
 */
export function memoryUserStore(): UserStore {
  const usersById = new Map<string, User>()
  const idsByEmail = new Map<string, string>()
  /** Sorted, and so by creation: a page can start after a user who is gone. */
  const ids: string[] = []

  return {
    async create({ email, emailVerifiedAt, createdAt }) {
      if (idsByEmail.has(email)) return undefined
      const id = newUserId(createdAt)
      const user: User = Object.freeze({ id, email, emailVerifiedAt, disabledAt: null, createdAt })
      usersById.set(id, user)
      idsByEmail.set(email, id)
      ids.splice(placeAfter(ids, id), 0, id)
      return user
    },

    async find(id) {
      return usersById.get(id)
    },

    async findByEmail(email) {
      return usersById.get(idsByEmail.get(email) ?? "")
    },

    async update(id, changes) {
      const user = usersById.get(id)
      if (!user) return "absent"
      const {
        email = user.email,
        emailVerifiedAt = user.emailVerifiedAt,
        disabledAt = user.disabledAt,
      } = changes
      if ((idsByEmail.get(email) ?? id) !== id) return "taken"
      const changed: User = Object.freeze({ ...user, email, emailVerifiedAt, disabledAt })
      usersById.set(id, changed)
      idsByEmail.delete(user.email)
      idsByEmail.set(email, id)
      return changed
    },

    async delete(id) {
      const user = usersById.get(id)
      if (!user) return false
      usersById.delete(id)
      idsByEmail.delete(user.email)
      ids.splice(placeAfter(ids, id) - 1, 1)
      return true
    },

    async list({ limit, after }) {
      const start = after === undefined ? 0 : placeAfter(ids, after)
      return ids.slice(start, start + limit).flatMap((id) => usersById.get(id) ?? [])
    },
  }
}

/**
 * A UUID of version 7 (RFC 9562, section 5.7): 48 bits of the creation time, then random bits, so that ids
 * sort by creation.
 */
function newUserId(createdAt: EpochMs): string {
  const time = Math.floor(createdAt).toString(16).padStart(12, "0")
  const random = crypto.randomUUID()
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`
}

/** How many of the sorted ids come up to and including `id`, by bisection. */
function placeAfter(ids: readonly string[], id: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ids[middle] ?? "") <= id) low = middle + 1
    else high = middle
  }
  return low
}

import { randomUUID } from "node:crypto"

/**
 * A mail as Resend's API takes it, with what it gets there.
 *
 * @typedef {object} Mail
 * @property {string} id
 * @property {string} created_at
 * @property {string} from
 * @property {readonly string[]} to
 * @property {string} subject
 * @property {string} html
 * @property {string} text
 *
 * @typedef {{ ok: true, id: string } | { ok: false }} Accepted `ok` is false for a key that came with another mail before
 */

/** How many mails are kept; older ones are forgotten. */
const most = 1000

/** Mails in this process. An idempotency key takes one mail, however often it comes (Resend: for 24 hours). */
export function mailbox() {
  /** @type {Mail[]} */
  const mails = []
  /** @type {Map<string, { id: string, body: string }>} */
  const accepted = new Map()

  return {
    /**
     * @param {Omit<Mail, "id" | "created_at">} mail
     * @param {string | undefined} idempotencyKey
     * @returns {Accepted}
     */
    accept(mail, idempotencyKey) {
      const body = JSON.stringify(mail)
      const earlier = idempotencyKey === undefined ? undefined : accepted.get(idempotencyKey)
      if (earlier) return earlier.body === body ? { ok: true, id: earlier.id } : { ok: false }
      const id = randomUUID()
      mails.unshift({ id, created_at: new Date().toISOString(), ...mail })
      mails.splice(most)
      if (idempotencyKey !== undefined) accepted.set(idempotencyKey, { id, body })
      return { ok: true, id }
    },

    /** Newest first. */
    list: () => /** @type {readonly Mail[]} */ (mails),

    /** @param {string} id */
    find: (id) => mails.find((mail) => mail.id === id),
  }
}

/** @typedef {ReturnType<typeof mailbox>} Mailbox */

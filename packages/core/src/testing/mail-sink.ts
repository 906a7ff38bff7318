import type { MagicLinkMail, SendMagicLink } from "../mail/magic-link-mail.js"

/** Where mails end in tests. */
export interface MailSink<L extends string = string, M = unknown> {
  /** For `magicLink({ send })`. Takes every mail. */
  readonly send: SendMagicLink<L, M>
  /** Every mail so far, oldest first. */
  readonly mails: readonly MagicLinkMail<L, M>[]
  /**
   * The oldest mail that no earlier call got; waits for it if need be. Parallel calls get one each, in their order.
   * Rejects if none comes within `timeoutMs` (default 2000).
   */
  next(timeoutMs?: number): Promise<MagicLinkMail<L, M>>
}

/** Collects sign-in mails instead of sending them. */
export function mailSink<L extends string = string, M = unknown>(): MailSink<L, M> {
  const mails: MagicLinkMail<L, M>[] = []
  const unseen: MagicLinkMail<L, M>[] = []
  const waiting = new Set<(mail: MagicLinkMail<L, M>) => void>()

  return {
    mails,
    async send(mail) {
      mails.push(mail)
      const [first] = waiting
      if (!first) {
        unseen.push(mail)
        return
      }
      waiting.delete(first)
      first(mail)
    },
    next(timeoutMs = 2000) {
      const mail = unseen.shift()
      if (mail) return Promise.resolve(mail)
      return new Promise((resolve, reject) => {
        const take = (arrived: MagicLinkMail<L, M>): void => {
          clearTimeout(timer)
          resolve(arrived)
        }
        const timer = setTimeout(() => {
          waiting.delete(take)
          reject(new Error(`No mail came within ${timeoutMs} ms; ${mails.length} had come before.`))
        }, timeoutMs)
        waiting.add(take)
      })
    },
  }
}

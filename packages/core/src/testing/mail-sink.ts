import type { AccountMail } from "../mail/account-mail.js"
import type { MagicLinkMail } from "../mail/magic-link-mail.js"
import type { SendMail } from "../mail/send-mail.js"

/** A mail about an account, of this kind. */
type OfKind<L extends string, Kind extends AccountMail["kind"]> = AccountMail<L> & { readonly kind: Kind }

/** Where mails end in tests. */
export interface MailSink<L extends string = string, M = unknown> {
  /** For `magicLink({ send })` and every flow that mails about accounts. Takes every mail. */
  readonly send: SendMail<L, M>
  /** Every sign-in mail so far, oldest first. */
  readonly mails: readonly MagicLinkMail<L, M>[]
  /** Every mail about an account so far, oldest first. */
  readonly accountMails: readonly AccountMail<L>[]
  /**
   * The oldest sign-in mail that no earlier call got; waits for it if need be. Parallel calls get one each, in their order.
   * Rejects if none comes within `timeoutMs` (default 2000).
   */
  next(timeoutMs?: number): Promise<MagicLinkMail<L, M>>
  /** The same of mails about accounts: the oldest of this kind. Those of other kinds stay for other calls. */
  nextAccountMail<Kind extends AccountMail["kind"]>(kind: Kind, timeoutMs?: number): Promise<OfKind<L, Kind>>
}

/** Collects mails instead of sending them. */
export function mailSink<L extends string = string, M = unknown>(): MailSink<L, M> {
  const signIn = queue<MagicLinkMail<L, M>>()
  const account = queue<AccountMail<L>>()

  return {
    mails: signIn.all,
    accountMails: account.all,
    async send(mail) {
      if ("kind" in mail) account.put(mail)
      else signIn.put(mail)
    },
    next: (timeoutMs) => signIn.next((_mail): _mail is MagicLinkMail<L, M> => true, timeoutMs),
    nextAccountMail: <Kind extends AccountMail["kind"]>(kind: Kind, timeoutMs?: number) =>
      account.next((mail): mail is OfKind<L, Kind> => mail.kind === kind, timeoutMs),
  }
}

interface Queue<Mail> {
  readonly all: readonly Mail[]
  put(mail: Mail): void
  next<Wanted extends Mail>(isWanted: (mail: Mail) => mail is Wanted, timeoutMs?: number): Promise<Wanted>
}

function queue<Mail>(): Queue<Mail> {
  const all: Mail[] = []
  const unseen = new Set<Mail>()
  /** Each takes the mail, or leaves it. */
  const waiting = new Set<(mail: Mail) => boolean>()

  return {
    all,
    put(mail) {
      all.push(mail)
      for (const take of waiting) if (take(mail)) return
      unseen.add(mail)
    },
    next<Wanted extends Mail>(isWanted: (mail: Mail) => mail is Wanted, timeoutMs = 2000): Promise<Wanted> {
      for (const mail of unseen) {
        if (isWanted(mail)) {
          unseen.delete(mail)
          return Promise.resolve(mail)
        }
      }
      return new Promise((resolve, reject) => {
        const take = (arrived: Mail): boolean => {
          if (!isWanted(arrived)) return false
          waiting.delete(take)
          clearTimeout(timer)
          resolve(arrived)
          return true
        }
        const timer = setTimeout(() => {
          waiting.delete(take)
          reject(new Error(`No mail came within ${timeoutMs} ms; ${all.length} had come before.`))
        }, timeoutMs)
        waiting.add(take)
      })
    },
  }
}

/** A mail or a text message as it arrived. */
export interface Letter {
  readonly id: number
  readonly kind: "mail" | "text"
  readonly to: string
  readonly subject: string
  readonly text: string
  /** The links in it, in their order. */
  readonly links: readonly string[]
  readonly at: number
}

/** What arrived, newest first. */
export interface Mailbox {
  add(letter: Pick<Letter, "kind" | "to" | "subject" | "text">): void
  readonly letters: readonly Letter[]
}

const most = 300

/** Keeps the latest in memory. They are gone with the process. */
export function newMailbox(): Mailbox {
  const letters: Letter[] = []
  let count = 0
  return {
    letters,
    add(letter) {
      count += 1
      const links = [...letter.text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(([link]) => link)
      letters.unshift({ id: count, ...letter, links, at: Date.now() })
      letters.splice(most)
    },
  }
}

import { setTimeout } from "node:timers/promises"

/** A mail as `/mails.json` shows it. */
export interface ShownMail {
  readonly id: string
  readonly to: readonly string[]
  readonly subject: string
  readonly html: string
  readonly text: string
}

/** The mails to an address, newest first. */
export async function mailsTo(url: string, address: string): Promise<readonly ShownMail[]> {
  const response = await fetch(`${url}/mails.json`)
  const mails = (await response.json()) as readonly ShownMail[]
  return mails.filter(({ to }) => to.includes(address))
}

/** The newest mail to an address, once there are `count` of them. It is sent after the answer, so it may take a moment. */
export async function mailTo(url: string, address: string, count = 1): Promise<ShownMail> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    const mails = await mailsTo(url, address)
    if (mails[0] && mails.length >= count) return mails[0]
    await setTimeout(50)
  }
  throw new Error(`There are not ${count} mails to ${address}.`)
}

/** The link in a mail. */
export function linkIn({ text }: Pick<ShownMail, "text">): string {
  const link = /^http\S+$/m.exec(text)?.[0]
  if (link === undefined) throw new Error("There is no link in the mail.")
  return link
}

/** The code in a mail, as it stands there. */
export function codeIn({ text }: Pick<ShownMail, "text">): string {
  const code = /^\d{4} \d{4}$/m.exec(text)?.[0]
  if (code === undefined) throw new Error("There is no code in the mail.")
  return code
}

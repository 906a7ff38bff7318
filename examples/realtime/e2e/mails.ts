import { expect } from "vitest"

/** What `/mails.json` shows. */
export interface Letter {
  readonly id: number
  readonly kind: "mail" | "text"
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly links: readonly string[]
}

/** Newest first. */
export async function lettersTo(url: string, to: string): Promise<readonly Letter[]> {
  const response = await fetch(`${url}/mails.json`)
  expect(response.status).toBe(200)
  const { mails } = (await response.json()) as { mails: readonly Letter[] }
  return mails.filter((letter) => letter.to === to)
}

/** The newest to this address that fits, waited for: mails leave after the answer. */
export async function letterTo(url: string, to: string, pattern: RegExp, after = 0): Promise<Letter> {
  let found: Letter | undefined
  await expect
    .poll(
      async () => {
        found = (await lettersTo(url, to)).find(
          ({ id, subject, text }) => id > after && pattern.test(`${subject}\n${text}`),
        )
        return found !== undefined
      },
      { timeout: 10_000, interval: 100 },
    )
    .toBe(true)
  if (!found) throw new Error(`No letter to ${to} fits ${pattern}.`)
  return found
}

/** The only link of a letter. */
export function linkIn({ links }: Letter): string {
  const [link] = links
  if (link === undefined) throw new Error("There is no link in the letter.")
  return link
}

/** Eight digits. Letters may put a space in the middle. */
export function codeIn({ text }: Letter): string {
  const code = text.match(/\b(\d{4})[ \u00a0]?(\d{4})\b/)
  if (!code) throw new Error(`There is no code in: ${text}`)
  return `${code[1]}${code[2]}`
}

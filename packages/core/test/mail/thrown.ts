import { inspect } from "node:util"
import { expect } from "vitest"
import { MailError } from "../../src/mail.js"
import { canaries } from "./sign-in-mail.js"

/** The fault and detail of the MailError that a sender rejects with, after it was seen to repeat nothing that it must not. */
export async function mailFault(sending: Promise<unknown>): Promise<string> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(MailError)
  expect(error).toMatchObject({ code: "ERR_MAIL", status: 503, retryAfter: 1 })
  const seen = inspect(error, { depth: 9, showHidden: true })
  for (const canary of Object.values(canaries)) expect(seen).not.toContain(canary)
  const { cause, fault, detail } = error as MailError
  expect(cause).toBeUndefined()
  return `${fault}: ${detail}`
}

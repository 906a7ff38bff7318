import { expect, test } from "vitest"
import { mailSink } from "../../src/testing.js"
import { accountMail } from "./account-mails.js"
import { signInMail } from "./sign-in-mail.js"

const mailTo = (to: string) => signInMail({ to })

test("hands out every mail once, oldest first, and keeps all", async () => {
  const sink = mailSink()
  const [one, two] = [mailTo("one@example.com"), mailTo("two@example.com")]
  await sink.send(one)
  await sink.send(two)
  expect(await sink.next()).toBe(one)
  expect(await sink.next()).toBe(two)
  expect(sink.mails).toEqual([one, two])
})

test("waits for mails that are on their way, and gives each to one", async () => {
  const sink = mailSink()
  const [one, two] = [mailTo("one@example.com"), mailTo("two@example.com")]
  const both = [sink.next(), sink.next()]
  await sink.send(one)
  await sink.send(two)
  expect(await Promise.all(both)).toEqual([one, two])
})

test("says when none came, and how many had", async () => {
  const sink = mailSink()
  await sink.send(mailTo("one@example.com"))
  await sink.next()
  await expect(sink.next(20)).rejects.toThrow("No mail came within 20 ms; 1 had come before.")
  // Whoever gave up takes nothing away from the next.
  const two = mailTo("two@example.com")
  await sink.send(two)
  expect(await sink.next()).toBe(two)
})

test("keeps mails about accounts apart, and hands out each kind by itself", async () => {
  const sink = mailSink()
  const [reset, notice, code] = [
    accountMail("reset_password"),
    accountMail("notice"),
    accountMail("second_factor"),
  ]
  const waiting = sink.nextAccountMail("second_factor")
  for (const mail of [reset, notice, mailTo("one@example.com"), code]) await sink.send(mail)
  expect(await waiting).toBe(code)
  expect(await sink.nextAccountMail("notice")).toBe(notice)
  expect(await sink.nextAccountMail("reset_password")).toBe(reset)
  expect(sink.accountMails).toEqual([reset, notice, code])
  expect(sink.mails.map(({ to }) => to)).toEqual(["one@example.com"])
  await expect(sink.nextAccountMail("reset_password", 20)).rejects.toThrow("; 3 had come before.")
})

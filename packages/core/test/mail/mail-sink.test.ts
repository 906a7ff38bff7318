import { expect, test } from "vitest"
import { mailSink } from "../../src/testing.js"
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

import { expect, test } from "vitest"
import { codeBlocks, complaintsOfAll } from "../../hono/test/readme-code.js"

const [server = "", page = "", register = ""] = codeBlocks(new URL("../README.md", import.meta.url))

/** What components may write when the host has said once which `Auth` it is. */
const registered = `
import { useAuthClient, useSession } from "@mortise/client/react"
export function Component(): void {
  const session = useSession()
  if (session.status === "signed_in") {
    const email: string = session.user.claims.email
    // @ts-expect-error there are no such claims
    const none = email + session.user.claims.isSponsor
  }
  // @ts-expect-error a password is needed
  void useAuthClient().login({ email: "" })
}`

test("the README compiles as one host, block after block", () => {
  const pieces = [server, page, register + registered].map((code) =>
    code.replace('"./auth.js"', '"./of-a-page-0.js"'),
  )
  expect(pieces.every((piece) => piece.length > 100)).toBe(true)
  const unused = "'none' is declared but its value is never read."
  expect(complaintsOfAll(pieces, new URL(import.meta.url)).filter((one) => !one.includes(unused))).toEqual([])
}, 60_000)

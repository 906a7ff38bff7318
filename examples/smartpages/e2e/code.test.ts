import { afterAll, beforeAll, expect, test } from "vitest"
import { locales } from "../words/locale.js"
import { type AskedLink, askForLink, post, sessionIn } from "./asked-link.js"
import { codeIn } from "./mail.js"
import { patience } from "./running-demo.js"
import { openStage, type Stage } from "./stage.js"
import { newAddress } from "./visit.js"

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, patience)
afterAll(() => stage?.close())

function type({ cookie }: Pick<AskedLink, "cookie">, code: string): Promise<Response> {
  return post(`${stage.url}/auth/code`, { code }, { cookie })
}

/** A code that is not the one in the mail. */
function wrong({ mail }: AskedLink, index: number): string {
  const right = Number(codeIn(mail).replace(" ", ""))
  return `${(right + 1 + index) % 10 ** 8}`.padStart(8, "0")
}

test("five wrong codes, even at once, and the right one opens nothing any more", async () => {
  const asked = await askForLink(stage.url, newAddress(), "en")
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, index) => type(asked, wrong(asked, index))),
  )
  const reasons = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Refused).reason))
  expect(reasons.filter((reason) => reason === "code_invalid")).toHaveLength(5)
  expect(reasons.filter((reason) => reason === "code_exhausted")).toHaveLength(11)
  const right = await type(asked, codeIn(asked.mail))
  expect(await right.json()).toMatchObject({ reason: "code_exhausted" })
  expect(sessionIn(right)).toBeUndefined()
})

interface Refused {
  readonly reason: string
}

test("of 16 who type the right code at once one is signed in, and the link of the mail is used up", async () => {
  const asked = await askForLink(stage.url, newAddress(), "de")
  const answers = await Promise.all(Array.from({ length: 16 }, () => type(asked, codeIn(asked.mail))))
  expect(answers.filter(sessionIn)).toHaveLength(1)
  expect((await post(`${stage.url}/auth/confirm`, { token: asked.token })).status).toBe(410)
})

test("a code is good only in the browser that asked for it", async () => {
  const asked = await askForLink(stage.url, newAddress(), "en")
  const other = await askForLink(stage.url, newAddress(), "en")
  for (const cookie of ["", other.cookie]) {
    expect(sessionIn(await type({ cookie }, codeIn(asked.mail)))).toBeUndefined()
  }
  expect(sessionIn(await type(asked, codeIn(asked.mail)))).toBeDefined()
})

test.each(locales)("a form with a wrong code leads back to the page in %s", async (locale) => {
  const asked = await askForLink(stage.url, newAddress(), locale)
  const response = await fetch(`${stage.url}/auth/code`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: asked.cookie },
    body: new URLSearchParams({ code: wrong(asked, 0) }),
  })
  expect(response.status).toBe(303)
  expect(response.headers.get("location")).toBe(`/${locale}/login?error=code_invalid`)
})

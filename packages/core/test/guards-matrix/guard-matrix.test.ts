import { createAuth, opaque, type Rule } from "@mortise/core"
import { declaredRule, declareRule } from "@mortise/core/binding"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import {
  type GuardMatrixOptions,
  guardMatrix,
  type HostRoute,
  type MatrixCharacter,
} from "@mortise/core/testing"
import { describe, expect, test } from "vitest"
import { testHasher } from "../../src/testing/test-hasher.js"

const isEditor: Rule<object> = ({ userId }) => userId !== "nobody"

/** A host without a framework: what each of its routes answers to whom. */
interface Fake {
  readonly name: string
  readonly rules: readonly (Rule<object> | null)[]
  /** The status for each character's credential, `""` for none. Default: what the rules ask for. */
  readonly status?: number
  readonly fillable?: boolean
  readonly leads?: (address: string) => boolean
}

async function host(fakes: readonly Fake[]): Promise<GuardMatrixOptions & { readonly sent: string[] }> {
  const site = createAuth({
    origin: "https://app.example.com",
    secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
    stores: memoryStores(),
    sessions: opaque(),
    flows: { password: password({ hasher: testHasher() }) },
  })
  const ada = { email: "ada@example.com", password: "correct horse battery staple" }
  await site.flows.password.register(ada)
  const outcome = await site.flows.password.signIn(ada)
  if (!outcome.ok) throw new Error(outcome.reason)
  const characters: MatrixCharacter[] = [
    { name: "anonymous" },
    { name: "ada", session: outcome.session, by: "cookie" },
    { name: "expired", session: outcome.session, by: "cookie", ended: true },
  ]
  const sent: string[] = []
  let expired = false
  return {
    site,
    cookie: "__Host-session",
    characters,
    sent,
    routes: fakes.map(routeOf),
    fetch(target, { headers, method }) {
      sent.push(`${method} ${target}`)
      const fake = fakes.find((one) => routeOf(one).method === method && leads(one, target))
      const isAda = headers["cookie"] === `__Host-session=${outcome.session.token}`
      // Ada and the expired character come one after the other, with the same token.
      const isIn = isAda && !expired
      expired = isAda && !expired
      const status = fake?.status ?? (fake?.rules.length === 0 || isIn ? 200 : 401)
      return new Response(null, { status })
    },
  }
}

function leads({ leads: own, name }: Fake, address: string): boolean {
  const path = name.replace(/^\S+ /, "").replace(/:\w+/g, "[^/]+").replace(/\*/g, ".+")
  return own ? own(address) : new RegExp(`^${path}$`).test(address)
}

function routeOf(fake: Fake): HostRoute {
  const [method = "", path = ""] = fake.name.split(" ")
  return {
    method,
    path,
    fillable: fake.fillable ?? true,
    rulesAt: (at) => (leads(fake, at) ? fake.rules : undefined),
  }
}

const guarded: Fake = { name: "GET /me", rules: [null] }

describe("a host whose Auth has no areas", () => {
  test("has to say of each route that it is guarded or public", async () => {
    const options = await host([guarded, { name: "GET /", rules: [] }, { name: "GET /about", rules: [] }])
    const matrix = await guardMatrix({ ...options, public: ["GET /about"] })
    expect(matrix.problems).toEqual(["GET / has no rule of its own"])
    expect([matrix.undeclared, matrix.public]).toEqual([["GET /"], ["GET /about"]])
    expect(options.sent).toEqual(["GET /me", "GET /me", "GET /me"])
    expect(matrix.rows).toEqual([
      {
        route: "GET /me",
        target: "/me",
        realm: "default",
        rules: ["signed in"],
        answers: [
          { character: "anonymous", expected: 401, status: 401 },
          { character: "ada", expected: "passes", status: 200 },
          { character: "expired", expected: 401, status: 401 },
        ],
      },
    ])
  })

  test.each([
    ["public", { public: ["GET /gone"] }, "GET /gone is no route of the host."],
    ["samples", { samples: { "GET /gone": ["/gone"] } }, "GET /gone is no route of the host."],
    ["a guarded route in public", { public: ["GET /me"] }, "GET /me is guarded, and listed as public."],
  ])("refuses what is out of date: %s", async (_, more, message) => {
    await expect(guardMatrix({ ...(await host([guarded])), ...more })).rejects.toThrow(message)
  })

  test("has to name its cookie", async () => {
    const { cookie, ...options } = await host([guarded])
    expect(cookie).toBe("__Host-session")
    await expect(guardMatrix(options)).rejects.toThrow("what is the session cookie called?")
  })

  test("where nothing is guarded the matrix could not fail, and so it does", async () => {
    await expect(guardMatrix(await host([{ name: "GET /", rules: [] }]))).rejects.toThrow(
      "no route is guarded.",
    )
    await expect(guardMatrix(await host([]))).rejects.toThrow("no route is guarded.")
  })
})

describe("what is answered", () => {
  test.each([
    [200, ["anonymous: 200, expected 401", "expired: 200, expected 401"]],
    [303, ["anonymous: 303, expected 401", "expired: 303, expected 401"]],
    [401, ["ada: 401, expected passes"]],
    [403, ["anonymous: 403, expected 401", "ada: 403, expected passes", "expired: 403, expected 401"]],
    [404, ["anonymous: 404, expected 401", "expired: 404, expected 401"]],
    [500, ["anonymous: 500, expected 401", "ada: 500, expected passes", "expired: 500, expected 401"]],
    [503, ["anonymous: 503, expected 401", "ada: 503, expected passes", "expired: 503, expected 401"]],
  ])("%s to everybody", async (status, wrong) => {
    const { problems } = await guardMatrix(await host([{ ...guarded, status }]))
    expect(problems).toEqual(wrong.map((sentence) => `GET /me as ${sentence}`))
  })

  test("a rule that refuses everybody is not taken for a guard that works", async () => {
    const never: Rule<object> = () => false
    const { problems } = await guardMatrix(await host([{ name: "GET /me", rules: [never], status: 401 }]))
    expect(problems).toEqual(["GET /me as ada: 401, expected 403", "GET /me is entered by nobody"])
  })

  test("what a rule answers besides no is expected too", async () => {
    const hidden: Rule<object> = () => ({ status: 404 })
    const { rows } = await guardMatrix(await host([{ name: "GET /me", rules: [null, hidden], status: 404 }]))
    expect(rows[0]?.answers.map(({ expected }) => expected)).toEqual([401, 404, 401])
  })
})

describe("the addresses of a route", () => {
  test("are all values of all parameters, encoded; a parameter without values is 1", async () => {
    const fakes = [
      { name: "GET /:a/x/:b/:c", rules: [null] },
      { name: "POST /files/*", rules: [null] },
    ]
    const options = await host(fakes)
    const params = { a: ["ACME", "a/b c"], b: ["2", "3"], "*": ["deep/file"] }
    const { rows } = await guardMatrix({ ...options, params })
    expect(rows.map(({ target }) => target)).toEqual([
      "/ACME/x/2/1",
      "/ACME/x/3/1",
      "/a%2Fb%20c/x/2/1",
      "/a%2Fb%20c/x/3/1",
      "/files/deep/file",
    ])
  })

  test("are heard of by rules, decoded", async () => {
    const seen: unknown[] = []
    const look: Rule<object> = (_principal, { param, target }) =>
      seen.push([target, param?.("a"), param?.("b")]) > 0
    await guardMatrix({ ...(await host([{ name: "GET /:a/x", rules: [look] }])), params: { a: ["a b"] } })
    expect(seen).toEqual([["/a%20b/x", "a b", undefined]])
  })

  test("that lead nowhere are a problem, until the host names one that does", async () => {
    const pattern: Fake = {
      name: "GET /^\\/n\\d$/",
      rules: [null],
      fillable: false,
      leads: (at) => /^\/n\d$/.test(at),
    }
    const number: Fake = { name: "GET /n/:id", rules: [null], leads: (at) => /^\/n\/\d\d$/.test(at) }
    const options = await host([pattern, number, guarded])
    const said = (name: string): string =>
      `${name} is reached by no address that is known: name one in samples or params`
    const { problems, untestable } = await guardMatrix(options)
    expect(untestable).toEqual([pattern.name, number.name])
    expect(problems).toEqual([said(pattern.name), said(number.name)])
    const better = {
      ...options,
      params: { id: ["12"] },
      samples: { [pattern.name]: ["/n1", "/n2", "/gone"] },
    }
    const { problems: none, rows } = await guardMatrix(better)
    expect([none, rows.map(({ target }) => target)]).toEqual([[], ["/n1", "/n2", "/n/12", "/me"]])
  })
})

describe("the table", () => {
  test("shows what is, what should be, and what is open", async () => {
    const either: Rule<object> = () => true
    Object.defineProperty(either, "name", { value: "a|b" })
    const options = await host([
      { name: "GET /me", rules: [isEditor, either, ...[(): boolean => true]], status: 200 },
      { name: "GET /about", rules: [] },
      { name: "GET /new", rules: [] },
    ])
    const matrix = await guardMatrix({ ...options, public: ["GET /about"] })
    expect(matrix.toMarkdown()).toBe(`| route | realm | rules | anonymous | ada | expired |
| --- | --- | --- | --- | --- | --- |
| \`GET /me\` | default | \`isEditor\`, \`a\\|b\`, \`a rule\` | **200**, not 401 | passes | **200**, not 401 |

Public: \`GET /about\`

No rule of its own: \`GET /new\`
`)
  })
})

describe("a declared rule", () => {
  test("stands on the function that it was declared for, and on no other", () => {
    const guard = (): void => {}
    expect(declareRule(guard, isEditor)).toBe(guard)
    expect(declaredRule(guard)).toBe(isEditor)
    expect(declaredRule(declareRule(() => {}, null))).toBeNull()
    expect(declaredRule(() => {})).toBeUndefined()
    expect(Object.keys(guard)).toEqual([])
  })
})

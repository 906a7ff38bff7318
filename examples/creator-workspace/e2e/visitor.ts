import { expect } from "vitest"

/** Somebody with a cookie and without a browser, for what a browser cannot show: one server at a time, many requests at once. */
export interface Visitor {
  readonly email: string
  readonly cookie: string
  /** A guarded page as a script asks for it, so that a refusal is an answer and no redirect. */
  get(url: string): Promise<Response>
  /** Imports a text as the page's script does. */
  importArticle(origin: string, text: string): Promise<Response>
}

export const password = "correct horse battery staple"

/** Creates an account and signs in, on the given server. */
export async function newVisitor(url: string): Promise<Visitor> {
  const email = `${crypto.randomUUID()}@example.com`
  const registered = await post(`${url}/auth/register`, { email, password })
  expect(registered.status, await registered.text()).toBe(202)
  return signIn(url, email)
}

/** Signs in with an account that exists. */
export async function signIn(url: string, email: string): Promise<Visitor> {
  const response = await post(`${url}/auth/login`, { email, password })
  expect(response.status, await response.text()).toBe(200)
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  return {
    email,
    cookie,
    get: (target) => fetch(target, { headers: { cookie, accept: "application/json" }, redirect: "manual" }),
    importArticle(origin, text) {
      const body = new FormData()
      body.set("article", new File([text], "ARTICLE.md"))
      const headers = { cookie, origin, accept: "application/json" }
      return fetch(`${origin}/workspace/article`, { method: "POST", body, headers })
    },
  }
}

/** A JSON request to one of the library's routes. */
export function post(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
}

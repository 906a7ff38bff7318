import { expect } from "vitest"

export const password = "mortise-demo-password"

/** What a login at one of the APIs has answered. */
export interface Login {
  readonly body: {
    readonly access_token: string
    readonly expires_in: number
    readonly user: object
    readonly store?: object | null
  }
  /** The `Set-Cookie` header. */
  readonly cookie: string
}

/** Logs in at a realm's API, as a client does that keeps the token itself. */
export async function logIn(url: string, realm: string, fields: object): Promise<Login> {
  const response = await postJson(`${url}/api/v1/${realm}/auth/login`, { password, ...fields })
  expect(response.status, await response.clone().text()).toBe(200)
  return {
    body: (await response.json()) as Login["body"],
    cookie: response.headers.getSetCookie().join("\n"),
  }
}

/** The tokens of an admin, of ACME's store user and of the customer, each of their own realm. */
export async function allTokens(url: string): Promise<Record<"admin" | "store" | "customer", string>> {
  const tokenOf = async (realm: string, fields: object): Promise<string> =>
    (await logIn(url, realm, fields)).body.access_token
  return {
    admin: await tokenOf("admin", { username: "admin" }),
    store: await tokenOf("store", { username: "store" }),
    customer: await tokenOf("storefront", { email: "customer@example.com" }),
  }
}

/** A request without a browser. */
export function postJson(url: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json", accept: "application/json" }
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
}

/** Status and sentence, as a script gets them. */
export async function ask(
  url: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<{ status: number; message: string }> {
  const response = await fetch(url, {
    method,
    headers: { accept: "application/json", ...headers },
    redirect: "manual",
  })
  const isProblem = response.headers.get("content-type") === "application/problem+json"
  const body = isProblem ? ((await response.json()) as { status: number; detail: string }) : undefined
  if (body) expect(body.status).toBe(response.status)
  return { status: response.status, message: body?.detail ?? "" }
}

/** Status and sentence, as a person gets them. */
export async function see(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; message: string }> {
  const response = await fetch(url, { headers: { accept: "text/html", ...headers }, redirect: "manual" })
  const [, message = ""] = /id="detail">([^<]*)</.exec(await response.text()) ?? []
  return { status: response.status, message }
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

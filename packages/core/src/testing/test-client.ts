import type { Auth } from "../auth.js"

/** What a test sends: JSON by default, a form if it says so. */
export interface TestRequest {
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  /** A body as it is, for what is neither. */
  readonly raw?: string
  /** Over the client's own headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly peer?: string
}

/** A browser-like client of one `Auth`, without a network: it keeps cookies and sends an Origin. */
export interface TestClient {
  readonly cookies: Map<string, string>
  /** Sends and keeps the cookies of the answer. */
  get(path: string, request?: TestRequest): Promise<Response>
  /** Sends and keeps the cookies of the answer. */
  post(path: string, request?: TestRequest): Promise<Response>
  /** Sends and keeps the cookies of the answer. */
  delete(path: string, request?: TestRequest): Promise<Response>
  /** Sends with any method, and keeps the cookies of the answer. */
  send(method: string, path: string, request?: TestRequest): Promise<Response>
  /** The `Cookie` header that the client would send. */
  cookieHeader(): string
}

/** Makes a client. `origin` is the one that `createAuth` was given; `peer` the address that it comes from. */
export function testClient(
  auth: Pick<Auth, "handle">,
  options: { readonly origin: string; readonly peer?: string },
): TestClient {
  const cookies = new Map<string, string>()
  const cookieHeader = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")

  async function send(method: string, path: string, request: TestRequest = {}): Promise<Response> {
    const headers = new Headers({ origin: options.origin })
    if (cookies.size > 0) headers.set("cookie", cookieHeader())
    const body = bodyOf(request, headers)
    for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value)
    const init = { method, headers, ...(body === undefined ? {} : { body }) }
    const answer = await auth.handle(
      new Request(options.origin + path, init),
      request.peer ?? options.peer ?? "192.0.2.1",
    )
    for (const cookie of answer.headers.getSetCookie()) keep(cookie)
    return answer
  }

  function keep(setCookie: string): void {
    const [pair = "", ...attributes] = setCookie.split("; ")
    const [name = "", value = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]
    if (attributes.includes("Max-Age=0")) cookies.delete(name)
    else cookies.set(name, value)
  }

  return {
    cookies,
    cookieHeader,
    send,
    get: (path, request) => send("GET", path, request),
    post: (path, request) => send("POST", path, request),
    delete: (path, request) => send("DELETE", path, request),
  }
}

function bodyOf(request: TestRequest, headers: Headers): string | undefined {
  if (request.form) {
    headers.set("content-type", "application/x-www-form-urlencoded")
    return new URLSearchParams({ ...request.form }).toString()
  }
  if (request.json === undefined) return request.raw
  headers.set("content-type", "application/json")
  return JSON.stringify(request.json)
}

import type { Page, Reply, Sent } from "./host.js"

/** A GET as a script sends it. */
export function get(target: string, headers: Sent["headers"] = {}): Sent {
  return { target, headers: { accept: "application/json", ...headers } }
}

/** A GET as a browser sends it when somebody follows a link. */
export function visit(target: string, headers: Sent["headers"] = {}): Sent {
  return { target, headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8", ...headers } }
}

export function postJson(target: string, value: unknown, headers: Sent["headers"] = {}): Sent {
  return {
    method: "POST",
    target,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  }
}

/** A form as a browser posts it from a page of the host. */
export function postForm(
  target: string,
  fields: Record<string, string>,
  headers: Sent["headers"] = {},
): Sent {
  return {
    method: "POST",
    target,
    headers: {
      accept: "text/html",
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  }
}

/** The `Cookie` header that a browser would send after an answer. */
export function cookiesOf(reply: Reply): string {
  return reply.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ")
}

export function pageOf(reply: Reply): Page {
  return JSON.parse(reply.text)
}

/** The reason in a problem document. */
export function reasonOf(reply: Reply): string {
  return JSON.parse(reply.text).reason
}

import { expect } from "vitest"
import type { Locale } from "../words/locale.js"
import { linkIn, mailTo, type ShownMail } from "./mail.js"

/** A link that was asked for, without a browser. */
export interface AskedLink {
  readonly link: string
  readonly token: string
  readonly mail: ShownMail
  /** What the browser that asked holds. */
  readonly cookie: string
}

/** Asks for a link as the page's script does; `count` is which mail to this address it is. */
export async function askForLink(
  url: string,
  address: string,
  locale: Locale,
  count = 1,
): Promise<AskedLink> {
  const response = await post(`${url}/auth/start`, { email: address, locale })
  expect(response.status, await response.text()).toBe(202)
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const mail = await mailTo(url, address.toLowerCase(), count)
  const link = linkIn(mail)
  return { link, token: new URL(link).searchParams.get("token") ?? "", mail, cookie }
}

/** A JSON request. */
export function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(body),
  })
}

/** The session cookie that an answer sets, if it does. */
export function sessionIn(response: Response): string | undefined {
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "")
  return cookies.find((cookie) => cookie.startsWith("__Host-session="))
}

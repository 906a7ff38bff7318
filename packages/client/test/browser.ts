import { onTestFinished, vi } from "vitest"
import { type AuthClient, type AuthClientOptions, type ClaimsOf, createAuthClient } from "../src/index.js"
import type { HostAuth, RealHost } from "./real-host.js"

/** A `fetch` that keeps cookies, as a browser does. */
export interface CookieJar {
  readonly cookies: Map<string, string>
  readonly fetch: typeof fetch
}

export function cookieJar(): CookieJar {
  const cookies = new Map<string, string>()
  return {
    cookies,
    async fetch(input, init) {
      const headers = new Headers(init?.headers)
      headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "))
      const response = await fetch(input, { ...init, headers })
      for (const line of response.headers.getSetCookie()) keep(line)
      return response
    },
  }

  function keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ")
    const [name = "", value = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]
    if (attributes.includes("Max-Age=0")) cookies.delete(name)
    else cookies.set(name, value)
  }
}

/** A client over real HTTP, with the cookies of a jar. It has no document, so it asks only what it is told to ask. */
export function clientOf(
  host: RealHost,
  jar: CookieJar = cookieJar(),
  options: AuthClientOptions<ClaimsOf<HostAuth>> = {},
): AuthClient<HostAuth> {
  const client = createAuthClient<HostAuth>({
    baseUrl: host.url,
    fetch: jar.fetch,
    clock: host.clock,
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

/** A page that is looked at, as far as a client sees it: for clients that this test makes from now on. */
export function openPage(): { turnAway(): void; turnTo(): void; dispatch(type: string): void } {
  const page = new EventTarget()
  const document = Object.assign(new EventTarget(), { hidden: false })
  vi.stubGlobal("document", document)
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page))
  const turn = (hidden: boolean): void => {
    document.hidden = hidden
    document.dispatchEvent(new Event("visibilitychange"))
  }
  return {
    turnAway: () => turn(true),
    turnTo: () => turn(false),
    dispatch: (type) => void page.dispatchEvent(new Event(type)),
  }
}

/** Resolves when the client's state fulfils a condition, which it may already do. */
export function until<A extends AuthClient<HostAuth>>(
  client: A,
  holds: (state: ReturnType<A["get"]>) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds(client.get() as ReturnType<A["get"]>)) return
      stop()
      resolve()
    }
    const stop = client.subscribe(look)
    look()
  })
}

import type { Awaitable } from "@mortise/core"
import type { NextFunction, Response as Outgoing } from "express"

/**
 * Sends the answer, or goes on where there is none. What fails on the way is handed to the host's error handler: Express 4 does not
 * catch what an async handler throws.
 */
export function proceed(answer: Awaitable<Response | undefined>, res: Outgoing, next: NextFunction): void {
  // At once where nothing had to be waited for: a promise costs as much as the whole check.
  if (answer === undefined) next()
  else
    Promise.resolve(answer)
      .then((response) => (response ? send(response, res) : next()))
      .catch(next)
}

/** Writes a web response: its headers win over those set before, and cookies of both are kept, each as a header of its own. */
async function send(response: Response, res: Outgoing): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer())
  // A time-out of the host's may have answered meanwhile.
  if (res.headersSent) return
  res.statusCode = response.status
  for (const [name, value] of response.headers) if (name !== "set-cookie") res.setHeader(name, value)
  for (const cookie of response.headers.getSetCookie()) res.appendHeader("set-cookie", cookie)
  res.end(body)
  // What is left of an upload is dropped as it comes in, or the next request on this connection would wait behind it.
  res.req.resume()
}

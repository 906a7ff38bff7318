import type { Answer, Awaitable } from "@mortise/core"
import type { NextFunction, Response } from "express"

/**
 * Sends the answer, or goes on where there is none. What fails on the way is handed to the host's error handler: Express 4 does not
 * catch what an async handler throws.
 */
export function proceed(answer: Awaitable<Answer | undefined>, res: Response, next: NextFunction): void {
  // At once where nothing has to be waited for: a promise costs as much as the whole check.
  if (answer === undefined) next()
  else if (!(answer instanceof Promise)) send(answer, res)
  else answer.then((settled) => proceed(settled, res, next)).catch(next)
}

/** Its headers win over those set before, and cookies of both are kept, each as a header of its own. */
function send({ status, headers, body }: Answer, res: Response): void {
  // A time-out of the host's may have answered meanwhile.
  if (res.headersSent) return
  res.statusCode = status
  for (const [name, value] of headers) {
    if (name === "set-cookie") res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
  res.end(body)
  // What is left of an upload is dropped as it comes in, or the next request on this connection would wait behind it.
  res.req.resume()
}

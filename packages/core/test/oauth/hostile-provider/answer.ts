import type { ServerResponse } from "node:http"
import type { AnswerLies, Json } from "./lies.js"

/** What an endpoint has to say, before anything goes wrong on the wire. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: Json
  /** A body that is not JSON. */
  readonly text?: string
}

/** Sends the answer, as wrongly as it was told to. Resolves when nothing more is to be done for it. */
export async function sendAnswer(response: ServerResponse, answer: Answer, lies: AnswerLies): Promise<void> {
  if (lies.delay !== undefined) await untilLaterOrGone(response, lies.delay)
  if (response.destroyed || lies.stall === "headers") return
  if (lies.hangUp) {
    response.destroy()
    return
  }
  const status = lies.status ?? (lies.redirect === undefined ? answer.status : 302)
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    ...answer.headers,
    ...(lies.redirect === undefined ? {} : { location: lies.redirect }),
    ...lies.headers,
  })
  const body = bodyOf(answer, lies)
  if (lies.endless) pour(response)
  else if (lies.stall === "body") response.write(body.subarray(0, Math.ceil(body.length / 2)))
  else response.end(body)
}

function bodyOf(answer: Answer, lies: AnswerLies): Uint8Array {
  const body = lies.raw ?? answer.text ?? JSON.stringify(answer.json ?? {})
  const bytes = typeof body === "string" ? Buffer.from(body) : body
  const padding = Math.max(0, (lies.padTo ?? 0) - bytes.length)
  return Buffer.concat([bytes, Buffer.alloc(padding, " ")])
}

/** As fast as the client takes it, never more than a socket's buffer ahead. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(16_384, " ")
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on("drain", more)
  more()
}

function untilLaterOrGone(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    response.once("close", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

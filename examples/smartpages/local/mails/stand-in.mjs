import { once } from "node:events"
import { createServer } from "node:http"
import { listPage, mailPage } from "./mail-pages.mjs"
import { mailbox } from "./mailbox.mjs"
import { sendEmail } from "./resend-api.mjs"

/** @import { IncomingMessage, ServerResponse } from "node:http" */

/** Styles of mails stand in the mails; nothing else may be loaded, and nothing may run. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"

const longestBody = 1024 * 1024

/**
 * A stand-in for Resend on this machine: takes mails by its API and shows them, as pages at `/mails` and as data at `/mails.json`. It keeps them
 * in memory and sends none.
 *
 * @returns {Promise<{ origin: URL, stop: () => Promise<void> }>}
 */
export async function startStandIn() {
  const mails = mailbox()
  const server = createServer((request, response) => {
    answer(mails, request, response).catch((error) => response.destroy(error))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
  return {
    origin: new URL(`http://127.0.0.1:${port}`),
    async stop() {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/**
 * @param {ReturnType<typeof mailbox>} mails
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 */
async function answer(mails, request, response) {
  const { method, url = "/" } = request
  const [path = "/"] = url.split("?")
  if (method === "POST" && path === "/emails") {
    const headers = new Headers(/** @type {Record<string, string>} */ (request.headers))
    const { status, json } = sendEmail(mails, headers, await bodyOf(request))
    return send(response, status, "application/json", JSON.stringify(json))
  }
  if (method !== "GET" && method !== "HEAD") return send(response, 405, "text/plain", "")
  if (path === "/mails.json") return send(response, 200, "application/json", JSON.stringify(mails.list()))
  if (path === "/mails") return send(response, 200, "text/html", listPage(mails.list()))
  const mail = mails.find(path.slice("/mails/".length))
  return mail
    ? send(response, 200, "text/html", mailPage(mail))
    : send(response, 404, "text/plain", "No such mail")
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {string} type
 * @param {string} body
 */
function send(response, status, type, body) {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "no-store",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
  })
  response.end(body)
}

/** @param {IncomingMessage} request */
async function bodyOf(request) {
  /** @type {Buffer[]} */
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > longestBody) throw new Error("A mail of more than 1 MiB.")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

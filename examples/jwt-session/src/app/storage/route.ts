import { createHash } from "node:crypto"
import { almanac } from "../../auth/auth"
import { problem } from "../../problem"
import { kindWords } from "../../session-kinds"
import { sessionKinds } from "../../settings"

/** Asks the demo, which started this server, to start it with another kind of sessions. Not for other sites to ask. */
export async function POST(request: Request): Promise<Response> {
  if (request.headers.get("origin") !== almanac().settings.origin) return problem(403, "cross_origin")
  const form = await request.formData().catch(() => undefined)
  const kind = sessionKinds.find((one) => one === form?.get("sessions"))
  if (!kind || (kind === "redis" && process.env["REDIS_MISSING"])) return problem(422, "invalid_request")
  if (!process.send) return problem(501, "not_found")
  // After the answer: the server is on its way out from then on.
  setTimeout(() => process.send?.({ sessions: kind }), 100)
  return new Response(page(kindWords[kind].name), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; script-src '${scriptHash}'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
    },
  })
}

/**
 * Waits for the next server and goes back. The old one may still answer for a moment, so it is known by its process;
 * a request that it took and never answered must not be waited for.
 */
const script = `
const { pid } = document.currentScript.dataset

async function look() {
  try {
    const answer = await fetch("/api/health", { cache: "no-store", signal: AbortSignal.timeout(3000) })
    const health = answer.ok ? await answer.json() : undefined
    if (health && String(health.pid) !== pid) return location.replace("/#session")
  } catch {}
  setTimeout(look, 300)
}

look()
`

const scriptHash = `sha256-${createHash("sha256").update(script).digest("base64")}`

/** Stands by itself, with its script inside: while it is shown there is no server. Without a script it goes back after a while. */
function page(name: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Starting again · Almanac</title>
<noscript><meta http-equiv="refresh" content="8;url=/"></noscript>
<script data-pid="${process.pid}">${script}</script>
<link rel="stylesheet" href="/style.css">
<main><div class="card narrow"><h1>Starting again</h1><p role="status">The server starts again with sessions of the kind “${name}”. This takes a few seconds.</p></div></main>
</html>`
}

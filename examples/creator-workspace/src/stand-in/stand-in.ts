import { readFile } from "node:fs/promises"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { errors } from "oidc-provider"
import { accountsOf } from "./account.js"
import { interact, type Part } from "./interaction.js"
import { issuer, type StandInSettings } from "./issuer.js"
import { issuerOf, personas } from "./persona.js"
import { errorScreen } from "./screens.js"
import { sendScreen } from "./send-screen.js"

const styleSheet = new URL("../public/stand-in.css", import.meta.url)

/** Google, GitHub and Microsoft, one below each path. */
export function standIn(settings: StandInSettings): RequestListener {
  const { url, application } = settings
  const parts = personas.map((persona): Part => {
    const accounts = accountsOf(issuerOf(url, persona))
    return { persona, accounts, application, provider: issuer(persona, accounts, settings) }
  })

  return async function answer(req, res) {
    const target = req.url ?? "/"
    const part = parts.find(({ persona }) => target.startsWith(`/${persona.name}/`))
    if (part) return play(part, req, res)
    if (target !== "/stand-in.css") return void res.writeHead(404).end()
    res.writeHead(200, { "content-type": "text/css; charset=utf-8" }).end(await readFile(styleSheet))
  }
}

async function play(part: Part, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { persona, application, provider } = part
  const path = (req.url ?? "").slice(persona.name.length + 1)
  if (!path.startsWith("/interaction/")) {
    // As Express mounts: what is in front of the path, the issuer puts before its own addresses.
    Object.assign(req, { originalUrl: req.url, url: path })
    return provider.callback()(req, res)
  }
  try {
    await interact(part, req, res)
  } catch (fault) {
    const ended = fault instanceof errors.SessionNotFound
    if (!ended) console.error(fault)
    const detail = ended ? "This sign-in has ended. Please begin again." : "Please begin again."
    sendScreen(res, ended ? 400 : 500, application, errorScreen(persona, application, detail))
  }
}

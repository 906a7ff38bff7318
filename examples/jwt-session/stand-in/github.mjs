// A program that plays GitHub: its addresses, its API, and a sign-in that believes whatever it is told. An application takes it only while it runs
// on localhost itself.
import { generateKeyPairSync } from "node:crypto"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { errors, Provider } from "oidc-provider"
import { accounts } from "./accounts.mjs"
import { memoryAdapter } from "./memory-adapter.mjs"
import { errorScreen, loginScreen } from "./screens.mjs"

const { STAND_IN_URL: url = "http://127.0.0.1:4203", ORIGIN: application = "http://localhost:4200" } =
  process.env
const { GITHUB_CLIENT_ID: clientId = "almanac", GITHUB_CLIENT_SECRET: clientSecret = "" } = process.env
const styleSheet = new URL("stand-in.css", import.meta.url)
const formLimit = 4096
const minutes = 60

const people = accounts()
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const provider = new Provider(url, {
  adapter: memoryAdapter(),
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [`${application}/auth/oauth/github/callback`],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  // It signs nothing, as GitHub has no ID tokens; the program wants a key all the same.
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "unused", alg: "RS256", use: "sig" }] },
  responseTypes: ["code"],
  scopes: ["read:user", "user:email"],
  clientAuthMethods: ["client_secret_post"],
  findAccount: (_ctx, id) => (people.find(id) ? { accountId: id, claims: () => ({ sub: id }) } : undefined),
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  // Below a path that no browser asks for: whoever comes is asked who they are, every time, so that one person can play several.
  cookies: { long: { path: "/nobody-is-remembered" } },
  routes: { authorization: "/login/oauth/authorize", token: "/login/oauth/access_token" },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    dPoP: { enabled: false },
  },
  clientBasedCORS: () => false,
  ttl: {
    AccessToken: 60 * minutes,
    AuthorizationCode: minutes,
    Interaction: 10 * minutes,
    Grant: 60 * minutes,
    Session: 60 * minutes,
  },
  renderError(ctx, { error, error_description }) {
    ctx.type = "html"
    ctx.body = errorScreen(application, `${error}: ${error_description ?? ""}`)
  },
})
const answer = provider.callback()

const server = createServer(async (req, res) => {
  const target = req.url ?? "/"
  if (target === "/stand-in.css") {
    return void res
      .writeHead(200, { "content-type": "text/css; charset=utf-8" })
      .end(await readFile(styleSheet))
  }
  if (target === "/user" || target === "/user/emails") return answerApi(target, req, res)
  if (!target.startsWith("/interaction/")) {
    // Of an ID token, which GitHub does not have. It ignores what it does not know; an OpenID provider objects.
    req.url = target.replace(/&nonce=[^&]*/, "")
    return answer(req, res)
  }
  try {
    await interact(req, res)
  } catch (fault) {
    const ended = fault instanceof errors.SessionNotFound
    if (!ended) console.error(fault)
    const detail = ended ? "This sign-in has ended. Please begin again." : "Please begin again."
    sendScreen(res, ended ? 400 : 500, errorScreen(application, detail))
  }
})

/**
 * The two questions of GitHub's API that are asked, for the token's owner.
 *
 * @param {string} target
 * @param {import("node:http").IncomingMessage} req
 * @param {import("node:http").ServerResponse} res
 */
async function answerApi(target, req, res) {
  const token = await provider.AccessToken.find(req.headers.authorization?.replace(/^Bearer /, "") ?? "")
  const account = token?.accountId && people.find(token.accountId)
  const body = !account
    ? { message: "Bad credentials" }
    : target === "/user"
      ? { id: account.id, login: account.login, is_sponsor: account.sponsor }
      : [{ email: account.email, primary: true, verified: true }]
  res.writeHead(account ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify(body))
}

/**
 * Who is there, and the way back with a code or with a "no".
 *
 * @param {import("node:http").IncomingMessage} req
 * @param {import("node:http").ServerResponse} res
 * @throws errors.SessionNotFound if the sign-in has ended or was begun in another browser
 */
async function interact(req, res) {
  const { uid, params } = await provider.interactionDetails(req, res)
  const visit = { application, address: `/interaction/${uid}` }
  if (req.method !== "POST") return sendScreen(res, 200, loginScreen(visit))

  const form = await readForm(req)
  const login = form.get("login")?.trim() ?? ""
  if (form.get("decision") === "deny") {
    const denied = { error: "access_denied", error_description: "The user said no." }
    return provider.interactionFinished(req, res, denied, { mergeWithLastSubmission: false })
  }
  if (!/^[a-z\d][a-z\d-]{0,38}$/i.test(login)) return sendScreen(res, 422, loginScreen(visit, login))

  const accountId = `${people.remember(login, form.get("sponsor") === "yes").id}`
  const grant = new provider.Grant({ accountId, clientId: String(params["client_id"]) })
  grant.addOIDCScope(String(params["scope"]))
  return provider.interactionFinished(req, res, {
    login: { accountId },
    consent: { grantId: await grant.save() },
  })
}

/** @param {import("node:http").IncomingMessage} req */
async function readForm(req) {
  let text = ""
  for await (const chunk of req.setEncoding("utf8")) {
    text += chunk
    if (text.length > formLimit) throw new Error("The form is too large.")
  }
  return new URLSearchParams(text)
}

/**
 * Its forms lead back to the application, and Chromium holds a redirect after a form post to the policy of the page with the form.
 *
 * @param {import("node:http").ServerResponse} res
 * @param {number} status
 * @param {string} document
 */
function sendScreen(res, status, document) {
  res
    .writeHead(status, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' ${application}`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    })
    .end(document)
}

server.on("error", (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(Number(new URL(url).port), "127.0.0.1", () => {
  console.log(`stand-in ${url} pid ${process.pid}`)
  process.send?.("ready")
})
// Started by another program: it ends with that one, and not before it when a terminal interrupts both.
if (process.connected) process.on("SIGINT", () => {})
process.on("disconnect", () => process.exit())

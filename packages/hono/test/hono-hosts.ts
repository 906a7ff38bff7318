import { type ServerType, serve } from "@hono/node-server"
import { type Context, Hono } from "hono"
import { setCookie } from "hono/cookie"
import { contextOf, type MortiseEnv, mortise, requireSession } from "../src/index.js"
import type { Host, Page, Reply, RunningHost, Sent, Step } from "./behaviours/host.js"
import { runningHost } from "./behaviours/wire.js"

/** The test host on Node, behind a socket, and without one, as on an edge runtime. */
export const honoHosts: readonly Host[] = [
  {
    name: "Hono on node-server",
    start(steps) {
      const { app, errors } = build(steps)
      return serveOnNode(app, errors)
    },
  },
  {
    name: "Hono by app.request",
    async start(steps) {
      const { app, errors } = build(steps)
      return { errors, port: undefined, send: (sent) => sendTo(app, sent) }
    },
  },
]

export function serveOnNode(app: Hono<MortiseEnv>, errors: readonly Error[] = []): Promise<RunningHost> {
  const server: ServerType = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" })
  if (!("closeAllConnections" in server)) throw new Error("expected an HTTP/1 server")
  return runningHost(server, errors)
}

function build(steps: readonly Step[]): { app: Hono<MortiseEnv>; errors: readonly Error[] } {
  const app = new Hono<MortiseEnv>()
  const errors: Error[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text("host error", 500)
  })
  for (const step of steps) add(app, step)
  return { app, errors }
}

function add(app: Hono<MortiseEnv>, step: Step): void {
  if (step.use === "mortise") {
    const { address } = step
    app.use(below(step.at), mortise(step.auth, address === undefined ? {} : { address: () => address }))
  } else if (step.use === "guard") {
    app.use(below(step.at), requireSession(...("rule" in step ? [step.rule] : [])))
  } else if (step.use === "host-headers") {
    app.use(async (c, next) => {
      c.header("cache-control", "public")
      setCookie(c, "theme", "dark")
      setCookie(c, "lang", "de")
      await next()
    })
  } else {
    const answer = pageHandler(step.path)
    if (step.guard === undefined) app.all(step.path, answer)
    else app.all(step.path, requireSession(...(step.guard === true ? [] : [step.guard])), answer)
  }
}

/** A prefix as Hono writes it. */
function below(prefix: string | undefined): string {
  return prefix === undefined ? "*" : `${prefix}/*`
}

function pageHandler(page: string): (c: Context<MortiseEnv>) => Response {
  return function answerPage(c) {
    const principal = c.get("auth")
    const answer: Page = {
      page,
      userId: principal?.userId ?? null,
      realm: principal?.realm ?? null,
      claims: principal?.claims ?? null,
      address: principal === undefined ? null : (contextOf(c).address ?? null),
    }
    return c.json(answer)
  }
}

async function sendTo(app: Hono<MortiseEnv>, sent: Sent): Promise<Reply> {
  const { method = "GET", target, body = null } = sent
  const headers = new Headers()
  for (const [name, values] of Object.entries(sent.headers ?? {})) {
    for (const value of [values].flat()) headers.append(name, value)
  }
  const answer = await app.request(`http://localhost${target}`, { method, headers, body })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

import express5, { type ErrorRequestHandler, type Express, type RequestHandler } from "express"
import express4 from "express4"
import type { Host, Page, RunningHost, Step } from "../../hono/test/behaviours/host.js"
import { runningHost } from "../../hono/test/behaviours/wire.js"
import { contextOf, mortise, requireSession } from "../src/index.js"

/** An empty application of each version. What is used of it here is the same in both; readme.test.ts compiles against the types of both. */
export const expresses: readonly (readonly [name: string, create: () => Express])[] = [
  ["Express 5", express5],
  ["Express 4", express4 as unknown as () => Express],
]

/** The test host on both versions. */
export const expressHosts: readonly Host[] = expresses.map(([name, create]) => ({
  name,
  async start(steps) {
    const app = create()
    for (const step of steps) add(app, step)
    return listen(app)
  },
}))

/** Serves an application on a free port; what reaches its error handler is kept. */
export function listen(app: Express): Promise<RunningHost> {
  const errors: Error[] = []
  const answerError: ErrorRequestHandler = (error, _req, res, _next) => {
    errors.push(error)
    res.status(500).send("host error")
  }
  app.use(answerError)
  return runningHost(app.listen(0, "127.0.0.1"), errors)
}

function add(app: Express, step: Step): void {
  if (step.use === "mortise") {
    const { address } = step
    app.use(step.at ?? "/", mortise(step.auth, address === undefined ? {} : { address: () => address }))
  } else if (step.use === "guard") {
    app.use(
      step.at,
      requireSession(...(("rule" in step ? [step.rule] : []) as Parameters<typeof requireSession>)),
    )
  } else if (step.use === "host-headers") {
    app.use((_req, res, next) => {
      res.setHeader("cache-control", "public")
      res.cookie("theme", "dark").cookie("lang", "de")
      next()
    })
  } else {
    const guards =
      step.guard === undefined ? [] : [requireSession(...(step.guard === true ? [] : [step.guard]))]
    app.all(step.path, ...guards, pageHandler(step.path))
  }
}

function pageHandler(page: string): RequestHandler {
  return function answerPage(req, res) {
    const answer: Page = {
      page,
      userId: req.auth?.userId ?? null,
      realm: req.auth?.realm ?? null,
      claims: req.auth?.claims ?? null,
      address: req.auth === undefined ? null : (contextOf(req).address ?? null),
    }
    res.json(answer)
  }
}

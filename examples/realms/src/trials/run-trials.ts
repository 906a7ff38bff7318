import { demoPassword } from "../demo-data.js"
import { type Bearer, bearers, type Trial, type TrialResult } from "./trial.js"

/** Runs trials and answers their results by id. */
export type RunTrials = (chosen: readonly Trial[]) => Promise<ReadonlyMap<string, TrialResult>>

/**
 * Plays the client: signs in at the APIs of this very server, and sends what a browser would not let a page send, a cookie under another name. One run
 * at a time, and signed out behind it.
 *
 * @param base where this server listens
 */
export function trialRunner(base: string): RunTrials {
  let last: Promise<unknown> = Promise.resolve()

  return function runTrials(chosen) {
    const run = last.then(() => runAll(base, chosen))
    last = run.catch(() => undefined)
    return run
  }
}

async function runAll(base: string, chosen: readonly Trial[]): Promise<ReadonlyMap<string, TrialResult>> {
  const tokens = new Map<Bearer, string>()
  const results = new Map<string, TrialResult>()
  try {
    for (const { by } of chosen) {
      if (by.kind !== "login" && !tokens.has(by.token)) tokens.set(by.token, await signIn(base, by.token))
    }
    for (const trial of chosen) results.set(trial.id, await answerTo(base, trial, tokens))
    return results
  } finally {
    for (const [bearer, token] of tokens) await signOut(base, bearer, token)
  }
}

async function answerTo(
  base: string,
  trial: Trial,
  tokens: ReadonlyMap<Bearer, string>,
): Promise<TrialResult> {
  const { by, method, path } = trial
  const response =
    by.kind === "login"
      ? await post(`${base}${path}`, { username: by.username, password: demoPassword })
      : await fetch(`${base}${path}`, {
          method,
          headers: headersFor(by, tokens.get(by.token) ?? ""),
          redirect: "manual",
        })
  const { status } = response
  const body: unknown = status === 200 ? undefined : await response.json().catch(() => undefined)
  return { status, message: textIn(body, "detail") }
}

function headersFor(
  by: { readonly kind: "header" } | { readonly kind: "cookie"; readonly name: string },
  token: string,
): Record<string, string> {
  const carried =
    by.kind === "header" ? { authorization: `Bearer ${token}` } : { cookie: `${by.name}=${token}` }
  return { accept: "application/json", ...carried }
}

async function signIn(base: string, bearer: Bearer): Promise<string> {
  const { login, realm } = bearers[bearer]
  const response = await post(`${base}/api/v1/${realm}/auth/login`, { ...login, password: demoPassword })
  const token = textIn(await response.json(), "access_token")
  // Somebody has changed the demo's accounts: then nothing can be tried with this one, and everything of theirs is refused.
  return token
}

async function signOut(base: string, bearer: Bearer, token: string): Promise<void> {
  if (token === "") return
  const url = `${base}/api/v1/${bearers[bearer].realm}/auth/logout`
  await fetch(url, { method: "POST", headers: { authorization: `Bearer ${token}` } })
}

function post(url: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json", accept: "application/json" }
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
}

function textIn(body: unknown, name: string): string {
  const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined
  return typeof value === "string" ? value : ""
}

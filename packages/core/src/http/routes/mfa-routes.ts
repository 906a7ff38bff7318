import type { FactorKind } from "../../events.js"
import type { FactorAnswer } from "../../flows/factor.js"
import type { ChallengeHolder } from "../../flows/mfa/ask.js"
import type { MfaSteps } from "../../flows/mfa/mfa.js"
import { refuse } from "../../outcome.js"
import { type Answer, noStore } from "../answer.js"
import type { SessionCookie } from "../cookies.js"
import { isScript } from "../navigation.js"
import type { Reasons } from "../problem.js"
import { type Call, grantSession, type Route, route, signedIn } from "../route.js"

/** What only this flow refuses for. */
export const mfaReasons: Reasons = {
  mfa_required: [401, "One more step: prove it with your second factor."],
  mfa_challenge_invalid: [401, "This took too long, or was used already. Sign in again."],
  factor_unavailable: [409, "This is not among your second factors."],
  code_invalid: [401, "The code is not right."],
  passkey_invalid: [401, "This passkey was not taken."],
  reauthentication_required: [401, "Sign in again."],
  insufficient_user_authentication: [401, "Prove it with your second factor first."],
  last_way_in: [409, "A second factor is required here."],
}

/** What the routes are made of. */
export interface MfaRouteSettings {
  readonly steps: MfaSteps
  /** Holds the token of what is asked. */
  readonly challenge: SessionCookie
  /** Says that this browser is not asked again. */
  readonly device: SessionCookie
  readonly holder: ChallengeHolder
  readonly pages: Readonly<Record<"challenge" | "settings", `/${string}`>>
  readonly rememberMs: number
}

/** How a browser, or a client that keeps tokens itself, holds what it was asked. */
export function challengeHolder({
  challenge,
  device,
  lifetimeMs,
  page,
}: Pick<MfaRouteSettings, "challenge" | "device"> & {
  readonly page: string
  readonly lifetimeMs: number
}): ChallengeHolder {
  return {
    page,
    hold: (token) => challenge.set(token, lifetimeMs / 1000),
    keepsTokens: ({ request }) => request?.header("mortise-session") === "tokens",
    device: ({ request }) => device.read(request?.header("cookie")),
  }
}

type Fields = Readonly<Record<string, unknown>>

/** The flow's addresses. */
export function mfaRoutes(settings: MfaRouteSettings): readonly Route[] {
  const { challenge: cookie, device, holder, pages, rememberMs, steps } = settings

  /** From the answer that asked, for whoever keeps tokens; else from the cookie. */
  function heldBy({ body, incoming }: Call<Fields>): string | undefined {
    return textOf(body["challenge"]) ?? cookie.read(incoming.header("cookie"))
  }

  /** A challenge stands for the session of somebody who has none. */
  async function enrolling(call: Call<Fields>): Promise<string | undefined> {
    const { context, sessions } = call
    return (await sessions.read(context.token, context.request)) ? undefined : heldBy(call)
  }

  return [
    route({
      name: "mfa",
      method: "GET",
      async step({ context, incoming, sessions }) {
        const asked = await steps.challenge({ challenge: cookie.read(incoming.header("cookie")) })
        const principal = await sessions.read(context.token, incoming)
        const own = principal ? await steps.factors(principal.userId) : { factors: [], recoveryCodes: 0 }
        return { ok: true, json: { challenge: asked ?? null, ...own }, page: pages.settings }
      },
    }),

    route<Fields>({
      name: "mfaBegin",
      method: "POST",
      path: "mfa/begin",
      refusedPage: pages.challenge,
      body: anyFields,
      async step(call) {
        const factor = factorIn(call.body)
        if (!factor) return refuse("invalid_request")
        const begun = await steps.begin({ factor, challenge: heldBy(call) }, call.context)
        return begun.ok ? { ...begun, page: pages.challenge, notice: "code_sent" } : begun
      },
    }),

    route<Fields>({
      name: "mfaVerify",
      method: "POST",
      path: "mfa/verify",
      refusedPage: pages.challenge,
      body: anyFields,
      async step(call) {
        const { body, context } = call
        const factor = factorIn(body)
        const answer = answerIn(body)
        if (!factor || answer === undefined) return refuse("invalid_request")
        const remember = agrees(body["remember"])
        const outcome = await steps.verify({ factor, answer, remember, challenge: heldBy(call) }, context)
        if (!outcome.ok) return outcome
        const remembered =
          outcome.device === undefined ? [] : [device.set(outcome.device, Math.floor(rememberMs / 1000))]
        return { ...grantSession(outcome.session, "home"), setCookie: [cookie.clear(), ...remembered] }
      },
    }),

    route({
      name: "mfaStepUp",
      method: "POST",
      path: "mfa/step-up",
      refusedPage: pages.settings,
      async step({ context }) {
        const asked = await steps.stepUp(context)
        if (!asked.ok) return asked
        const { challenge, view } = asked
        const json = { ...view, ...(holder.keepsTokens(context) ? { challenge } : {}) }
        return { ok: true, json, page: pages.challenge, setCookie: [holder.hold(challenge)] }
      },
    }),

    route<Fields>({
      name: "mfaEnrol",
      method: "POST",
      path: "mfa/enrol",
      refusedPage: pages.settings,
      body: anyFields,
      async step(call) {
        const factor = factorIn(call.body)
        if (!factor) return refuse("invalid_request")
        const { challenge: _, factor: __, return_to: ___, ...input } = call.body
        const begun = await steps.enrol({ factor, input, challenge: await enrolling(call) }, call.context)
        return begun.ok ? { ...begun, page: pages.settings, notice: `enrol_${factor}` } : begun
      },
    }),

    route<Fields>({
      name: "mfaConfirm",
      method: "POST",
      path: "mfa/enrol/confirm",
      refusedPage: pages.settings,
      body: anyFields,
      async step(call) {
        const { body, context, incoming } = call
        const factor = factorIn(body)
        const answer = answerIn(body)
        if (!factor || answer === undefined) return refuse("invalid_request")
        // A form is led on to a page, which cannot show what is shown once: it has a button for that.
        const input = { factor, answer, challenge: await enrolling(call), recoveryCodes: isScript(incoming) }
        const outcome = await steps.confirmEnrolment(input, context)
        if (!outcome.ok) return outcome
        const { recoveryCodes, session } = outcome
        const granted = grantSession(session, input.challenge === undefined ? pages.settings : "home")
        return {
          ...granted,
          json: { ...granted.json, recoveryCodes: recoveryCodes ?? null },
          notice: "factor_enrolled",
          setCookie: [cookie.clear()],
        }
      },
    }),

    route<Fields>({
      name: "mfaRemove",
      method: "POST",
      path: "mfa/remove",
      refusedPage: pages.settings,
      body: anyFields,
      async step({ body, context }) {
        const factor = factorIn(body)
        const outcome = factor ? await steps.remove({ factor }, context) : refuse("invalid_request")
        return outcome.ok
          ? { ...grantSession(outcome.session, pages.settings), notice: "factor_removed" }
          : outcome
      },
    }),

    route({
      name: "mfaRecoveryCodes",
      method: "POST",
      path: "mfa/recovery-codes",
      refusedPage: pages.settings,
      step: signedIn(async (_, { context, incoming }: Call<object>) => {
        const outcome = await steps.recoveryCodes(context)
        if (!outcome.ok) return outcome
        const { codes } = outcome
        return isScript(incoming)
          ? { ok: true as const, json: { codes }, page: pages.settings }
          : fileOf(codes)
      }),
    }),
  ]
}

/** Shown once: a browser without scripts keeps it as a file. */
function fileOf(codes: readonly string[]): Answer {
  return {
    status: 200,
    headers: [
      noStore,
      ["content-type", "text/plain; charset=utf-8"],
      ["content-disposition", 'attachment; filename="recovery-codes.txt"'],
    ],
    body: `${codes.join("\n")}\n`,
  }
}

const factorKinds: ReadonlySet<unknown> = new Set<FactorKind>([
  "totp",
  "passkey",
  "phone",
  "email",
  "recovery_code",
])

function factorIn({ factor }: Fields): FactorKind | undefined {
  return factorKinds.has(factor) ? (factor as FactorKind) : undefined
}

/** A typed code, or what an authenticator has said: as an object, or as the text of a form's hidden field. */
function answerIn({ code, response }: Fields): FactorAnswer | undefined {
  if (typeof code === "string") return code
  if (typeof response === "object" && response !== null) return response
  return typeof response === "string" ? parsed(response) : undefined
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** Whatever object was posted; of its fields each is looked at for itself. */
function anyFields(body: unknown): Fields | undefined {
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : undefined
}

function textOf(field: unknown): string | undefined {
  return typeof field === "string" ? field : undefined
}

/** A checkbox posts a word, a script `true`. */
function agrees(field: unknown): boolean {
  return field === true || field === "yes"
}

import { splitHeld } from "../../flows/magic-link/asking-browser.js"
import { localeIn } from "../../flows/magic-link/link-token.js"
import type {
  ArrivedByLink,
  ConfirmLinkInput,
  LinkView,
  MagicLinkSteps,
} from "../../flows/magic-link/magic-link.js"
import { type Outcome, type Refusal, refuse } from "../../outcome.js"
import type { Json } from "../../stores/ports.js"
import { type Answer, noStore, seeOther } from "../answer.js"
import type { SessionCookie } from "../cookies.js"
import { likedLocale } from "../liked-locale.js"
import { isNavigation, isScript, jsonAnswer, queryOf } from "../navigation.js"
import { toNextStep } from "../next-step.js"
import { type LinkPage, type LinkPageView, linkPageAnswer } from "../pages/link-page.js"
import type { LinkRefusal, LinkWords } from "../pages/link-words.js"
import { principalJson } from "../principal-json.js"
import { type Reasons, reasons } from "../problem.js"
import { returnPath, withQuery } from "../return-path.js"
import { type Call, type Pages, type Route, route, type Site } from "../route.js"

/** What only this flow refuses for. */
export const magicLinkReasons: Reasons = {
  invalid_email: [422, "This is not an e-mail address."],
  link_invalid: [400, "The link is not complete, or was not made by us."],
  link_expired: [410, "The link has expired. Ask for a new one."],
  link_used: [410, "The link has been used. Ask for a new one."],
  link_claim_required: [409, "The account was never verified. Agree to take it over."],
  code_invalid: [401, "The code is not right."],
  code_expired: [410, "The code has expired, or was asked for in another browser."],
  code_exhausted: [410, "Too many wrong codes. Ask for a new mail."],
}

/** What the routes are made of. */
export interface MagicLinkRouteSettings {
  readonly steps: MagicLinkSteps<string, Json | undefined>
  readonly site: Site
  /** Says which browser asked, and holds its half of the code. */
  readonly cookie: SessionCookie
  /** Seconds that an attempt lives. */
  readonly lifetime: number
  /** How long a session cookie lives, in seconds. */
  readonly maxAge: number
  readonly locales: ReadonlyMap<string, LocaleSettings>
  readonly defaultLocale: string
  readonly page: LinkPage | undefined
  /** Hears that the host's own page failed. */
  readonly onFault: (fault: unknown) => void
  readonly metadata: (body: Readonly<Record<string, unknown>>) => Json | undefined
}

/** One language: where its pages are, and what ours says in it. */
export interface LocaleSettings {
  readonly pages: Pick<Pages, "signIn" | "home">
  readonly words: LinkWords
}

export const confirmPath = { name: "magicLinkConfirm", path: "magic-link/confirm" } as const

/** The flow's addresses. */
export function magicLinkRoutes(settings: MagicLinkRouteSettings): readonly Route[] {
  const { cookie, defaultLocale, lifetime, locales, onFault, site, steps } = settings
  const action = site.pathOf(confirmPath)
  const below = site.pathOf({ name: "", path: "" })

  function held({ incoming }: Call<unknown>): { browser: string | undefined; attempt: string | undefined } {
    const [browser, attempt] = splitHeld(cookie.read(incoming.header("cookie")))
    return { browser, attempt }
  }

  /** Of the host's list: what was said, else what the browser likes best, else the default. */
  function localeOf({ incoming }: Call<unknown>, said: unknown): string {
    return likedLocale(incoming, (locale) => locales.has(locale), said) ?? defaultLocale
  }

  function settingsOf(locale: string): LocaleSettings {
    return locales.get(locale) as LocaleSettings
  }

  /** A path of the host's own: none of the library's, which would answer with JSON, or begin something else. */
  function pathBack(target: string | undefined): string | undefined {
    const path = returnPath(target, site.origin)
    return path?.startsWith(below) || path?.split(/[?#]/)[0] === action ? undefined : path
  }

  async function ask(call: Call<Fields>): Promise<Answer | Refusal> {
    const { body, context, incoming } = call
    const script = isScript(incoming)
    const locale = localeOf(call, body["locale"])
    const returnTo = pathBack(textOf(body["return_to"]))
    const { signIn } = settingsOf(locale).pages
    const known = body["locale"] === undefined || locale === body["locale"]
    const email = textOf(body["email"])
    const outcome: Outcome<{ browser: string; attempt: string | undefined }> =
      known && email !== undefined
        ? await steps.start(
            { email, locale, returnTo, metadata: settings.metadata(body), browser: held(call).browser },
            context,
          )
        : refuse("invalid_request")
    if (!outcome.ok) return script ? outcome : refusedForm(signIn, outcome, returnTo)
    const { attempt, browser } = outcome
    const value = attempt === undefined ? browser : `${browser}.${attempt}`
    const headers = [["set-cookie", cookie.set(value, lifetime)] as const]
    return script
      ? jsonAnswer({}, headers, 202)
      : seeOther(withQuery(signIn, { notice: "link_sent", return_to: returnTo }), [noStore, ...headers])
  }

  /** The click. It signs in at once only where the link was asked for: mail scanners, previews and other devices get a page with a button. */
  async function open(call: Call<object>): Promise<Answer | Refusal> {
    const { incoming } = call
    const token = queryOf(incoming).get("token") ?? undefined
    const seen = await steps.peek({ token, ...held(call) })
    if (!seen.ok) return refusedPage(call, seen, token)
    return seen.asked && !seen.claimRequired && isClick(call)
      ? use(call, { token, browser: held(call).browser })
      : question(seen, token)
  }

  async function use(call: Call<unknown>, input: ConfirmLinkInput): Promise<Answer | Refusal> {
    const outcome = await steps.confirm(input, call.context)
    if (outcome.ok) return signedIn(call, outcome)
    if (isScript(call.incoming)) return outcome
    if (outcome.next) return toNextStep(outcome.next, undefined)
    // Whoever comes by a form may not have seen the question yet.
    const seen = outcome.reason === "link_claim_required" ? await steps.peek(input) : outcome
    return seen.ok ? question(seen, input.token) : refusedPage(call, seen, input.token)
  }

  function question({ claimRequired, email, locale }: LinkView, token: string | undefined): Answer {
    const { words } = settingsOf(locale)
    const fields = { token: token ?? "", ...(claimRequired ? { claim: "yes" } : {}) }
    return shown({ kind: "confirm", locale, words, email, claimRequired, action, fields }, 200)
  }

  function signedIn({ incoming }: Call<unknown>, { locale, returnTo, session }: ArrivedByLink): Answer {
    const { issued, principal, token } = session
    const values = issued ? [cookie.clear()] : [site.cookie.set(token, settings.maxAge), cookie.clear()]
    const headers = values.map((value) => ["set-cookie", value] as const)
    if (isScript(incoming)) return jsonAnswer({ ...principalJson(principal), ...issued, locale }, headers)
    return seeOther(pathBack(returnTo) ?? settingsOf(locale).pages.home, [noStore, ...headers])
  }

  function refusedPage(call: Call<unknown>, refusal: Refusal, token: string | undefined): Answer | Refusal {
    const locale = localeOf(call, localeIn(token))
    const { pages, words } = settingsOf(locale)
    const reason = refusal.reason as LinkRefusal
    const [status] = magicLinkReasons[reason] ?? reasons[reason] ?? [400]
    if (!Object.hasOwn(words.refused, reason)) return refusal
    const { message } = refusal
    return shown({ kind: "refused", locale, words, reason, message, signIn: pages.signIn }, status)
  }

  function shown(view: LinkPageView, status: number): Answer {
    return linkPageAnswer(view, status, settings.page, onFault)
  }

  return [
    route<Fields>({
      name: "magicLink",
      method: "POST",
      path: "magic-link",
      body: anyFields,
      step: ask,
    }),

    route({ ...confirmPath, method: "GET", step: open }),

    route<Fields>({
      ...confirmPath,
      method: "POST",
      body: anyFields,
      step(call) {
        const { claim, token } = call.body
        return use(call, { token: textOf(token), claim: agrees(claim), browser: held(call).browser })
      },
    }),

    route<Fields>({
      name: "magicLinkCode",
      method: "POST",
      path: "magic-link/code",
      body: anyFields,
      async step(call) {
        const { attempt } = held(call)
        const code = textOf(call.body["code"])
        const claim = agrees(call.body["claim"])
        const outcome =
          code === undefined
            ? refuse("invalid_request")
            : await steps.confirmCode({ code, claim, attempt }, call.context)
        if (outcome.ok) return signedIn(call, outcome)
        if (isScript(call.incoming)) return outcome
        const returnTo = pathBack(textOf(call.body["return_to"]))
        if (outcome.next) return toNextStep(outcome.next, returnTo)
        const { signIn } = settingsOf(localeOf(call, localeIn(attempt))).pages
        return refusedForm(signIn, outcome, returnTo)
      },
    }),
  ]
}

type Fields = Readonly<Record<string, unknown>>

/** Whatever object was posted; of its fields each is looked at for itself. */
function anyFields(body: unknown): Fields | undefined {
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : undefined
}

function textOf(field: unknown): string | undefined {
  return typeof field === "string" ? field : undefined
}

/** A checkbox or a hidden field posts a word, a script `true`. */
function agrees(field: unknown): boolean {
  return field === true || field === "yes"
}

/** Back to the form, which says what happened. */
function refusedForm(page: string, { reason, retryAfter }: Refusal, return_to: string | undefined): Answer {
  return seeOther(withQuery(page, { error: reason, retry_after: retryAfter?.toString(), return_to }))
}

/** Somebody goes there, and now: no look ahead (HEAD, prefetch, prerender), no picture, no script. */
function isClick({ incoming }: Call<unknown>): boolean {
  const purposes = ["sec-purpose", "purpose", "x-purpose", "x-moz"].map((name) => incoming.header(name))
  return incoming.method === "GET" && isNavigation(incoming) && !purposes.some(Boolean)
}

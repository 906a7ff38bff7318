import { type MortiseEnv, requireSession } from "@mortise/hono"
import { type Context, Hono } from "hono"
import { isLocale, type Locale, locales } from "../../../words/locale.js"
import type { CustomerAuth } from "../auth.js"
import type { PageFiles } from "../env.js"
import { dashboardPage } from "./dashboard-page.js"
import { loginPage } from "./login-page.js"
import { preferredLocale } from "./preferred-locale.js"
import { problemPageIn } from "./problem-page.js"

const inLanguage = `/:locale{${locales.join("|")}}` as const

/** The pages in every language, and the addresses without a language that lead to them. */
export function pageRoutes(files: PageFiles): Hono<MortiseEnv<CustomerAuth>> {
  const pages = new Hono<MortiseEnv<CustomerAuth>>()

  pages.get("/", (c) => {
    const customer = c.var.auth
    return onward(c, customer ? `/${customer.claims.locale}/dashboard` : `/${likelyLocale(c)}/login`)
  })

  pages.get("/login", (c) => {
    const { searchParams: query } = new URL(c.req.url)
    // Whoever signs out says where to in its language, and comes back here only to sign in again.
    if (query.get("notice") === "signed_out") query.delete("return_to")
    return onward(c, `/${likelyLocale(c)}/login${query.size === 0 ? "" : `?${query}`}`)
  })

  pages.get(`${inLanguage}/login`, async (c) => {
    const locale = knownLocale(c.req.param("locale"))
    const { searchParams: query } = new URL(c.req.url)
    if (c.var.auth && !query.has("error")) return onward(c, `/${locale}/dashboard`)
    const page = await builtPage(files, new URL(`/${locale}/login`, c.req.url))
    return forOneVisitor(loginPage(page, locale, query))
  })

  // One dashboard was built, which nobody sees as it is.
  pages.get("/dashboard", requireSession(), (c) => onward(c, `/${c.var.auth.claims.locale}/dashboard`))

  pages.get(`${inLanguage}/dashboard`, requireSession(), async (c) => {
    const page = await builtPage(files, new URL("/dashboard", c.req.url))
    return forOneVisitor(dashboardPage(page, knownLocale(c.req.param("locale")), c.var.auth.claims.email))
  })

  return pages
}

/** Whatever else is asked for. */
export function noSuchPage(c: Context): Response | Promise<Response> {
  return c.html(problemPageIn(likelyLocale(c), 404), 404)
}

/** Where they want to go decides, then what their browser likes. */
function likelyLocale({ req }: Context): Locale {
  return preferredLocale(req.header("accept-language"), req.query("return_to") ?? req.path)
}

function knownLocale(locale: string): Locale {
  return isLocale(locale) ? locale : locales[0]
}

function onward(c: Context, target: string): Response {
  c.header("vary", "Accept-Language, Cookie")
  c.header("cache-control", "no-store")
  return c.redirect(target, 303)
}

async function builtPage(files: PageFiles, url: URL): Promise<Response> {
  const response = await files.fetch(new Request(url))
  if (response.ok) return response
  throw new Error(`${url.pathname} was not built: ${response.status}.`)
}

/** A page that was completed for one visitor is no other's. */
function forOneVisitor(page: Response): Response {
  const headers = new Headers(page.headers)
  headers.delete("etag")
  headers.set("cache-control", "no-store")
  return new Response(page.body, { status: page.status, headers })
}

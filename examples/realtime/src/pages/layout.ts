import type { Guest } from "../auth.js"
import { type Child, type Html, html, render } from "../html.js"

/** What every page is made of. */
export interface Page {
  readonly title: string
  readonly body: Html
  /** Whose page it is; undefined for a visitor. */
  readonly guest?: Guest | undefined
  /** The path of the page, so that its place in the navigation is marked. */
  readonly path?: string
  /** A module from `public/` that makes the page more convenient; where it works only with one, the page says so. */
  readonly script?: string
}

/** A whole document, ready to send. */
export function layout({ title, body, guest, path, script }: Page): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Parlour</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
${script && html`<script type="module" src="/assets/${script}"></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="/">${mark} Parlour</a>
${guest ? ownNavigation(guest, path) : visitorNavigation(path)}
</header>
<main id="main">
${body}
</main>
<footer class="foot">
<p>Parlour is an example of an application built with <strong>Mortise</strong>.</p>
</footer>
</body>
</html>
`
  return render(document)
}

const mark = html`<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path fill="currentColor" d="M12 2a8 8 0 0 0-8 8v12h16V10a8 8 0 0 0-8-8zm-1 18H6v-8h5zm0-10H6.1A6 6 0 0 1 11 4.1zm2-5.9A6 6 0 0 1 17.9 10H13zM18 20h-5v-8h5z"/></svg>`

const places = [
  ["/room", "Room"],
  ["/security", "Security"],
  ["/devices", "Devices"],
  ["/activity", "Activity"],
  ["/privacy", "Privacy"],
] as const

function ownNavigation({ claims }: Guest, current: string | undefined): Html {
  const all = claims.role === "keeper" ? [...places, ["/keeper", "House log"] as const] : places
  return html`<nav class="places" aria-label="Main">
${all.map(([path, name]) => html`<a href="${path}"${path === current && html` aria-current="page"`}>${name}</a>`)}
<form method="post" action="/api/auth/logout"><button class="quiet" title="Signed in as ${claims.email}">Sign out</button></form>
</nav>`
}

function visitorNavigation(current: string | undefined): Html {
  return html`<nav class="places" aria-label="Main">
${current !== "/sign-in" && html`<a href="/sign-in">Sign in</a>`}
${current !== "/register" && html`<a href="/register">Create an account</a>`}
</nav>`
}

/** A sentence that the page is about right now; screen readers read an error out at once. */
export function banner(kind: "error" | "notice", text: string | undefined): Child {
  if (text === undefined) return undefined
  return kind === "error"
    ? html`<p class="banner error" role="alert">${text}</p>`
    : html`<p class="banner notice" role="status">${text}</p>`
}

/** Both, as the address had them. */
export function banners({ error, notice }: PageState): Child {
  return [banner("notice", notice), banner("error", error)]
}

/** What a form post left in the address, as words. */
export interface PageState {
  readonly error: string | undefined
  readonly notice: string | undefined
}

/** Carries the return path through a form. */
export function returnField(returnTo: string | undefined): Child {
  return returnTo !== undefined && html`<input type="hidden" name="return_to" value="${returnTo}">`
}

/** Carries it through a link. */
export function withReturn(path: string, returnTo: string | undefined): string {
  return returnTo === undefined ? path : `${path}?${new URLSearchParams({ return_to: returnTo })}`
}

import type { Creator } from "../auth.js"
import { type Child, type Html, html, render } from "../html.js"

/** What every page is made of. */
export interface Page {
  readonly title: string
  readonly body: Html
  /** Whose page it is; undefined for a visitor. */
  readonly creator?: Creator | undefined
  /** The path of the page, so that its place in the navigation is marked. */
  readonly path?: string
  /** A module from `public/` that makes the page more convenient; it works without. */
  readonly script?: string
}

/** A whole document, ready to send. */
export function layout({ title, body, creator, path, script }: Page): string {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Deckle</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
${script && html`<script type="module" src="/assets/${script}"></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="/">${mark} Deckle</a>
${creator ? ownNavigation(creator, path) : visitorNavigation(path)}
</header>
<main id="main">
${body}
</main>
<footer class="foot">
<p>Deckle is an example of an application built with <strong>Mortise</strong>.</p>
</footer>
</body>
</html>
`
  return render(document)
}

const mark = html`<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path fill="currentColor" d="M4 2h16v17.2l-2.7 2-2.6-2.7-2.7 3-2.7-3-2.6 2.7-2.7-2z"/></svg>`

const places = [
  ["/workspace", "Workspace"],
  ["/devices", "Devices"],
  ["/account", "Account"],
] as const

function ownNavigation(creator: Creator, current: string | undefined): Html {
  return html`<nav class="places" aria-label="Main">
${places.map(([path, name]) => html`<a href="${path}"${path === current && html` aria-current="page"`}>${name}</a>`)}
<form method="post" action="/auth/logout"><button class="quiet" title="Signed in as ${creator.claims.email}">Sign out</button></form>
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

import type { SignedIn } from "../auth.js"
import { type Child, type Html, html, render } from "../html.js"
import { type AreaName, areaNames, areas } from "./areas.js"

/** What every page is made of. */
export interface Page {
  readonly title: string
  readonly body: Html
  /** The area that it lies in; undefined for a public page. */
  readonly area?: AreaName | undefined
  /** Who is signed in to that area. */
  readonly person?: SignedIn | undefined
  /** The store that it is about. */
  readonly storeCode?: string | undefined
  /** The path of the page, so that its place in the navigation is marked. */
  readonly path?: string
  /** A module from `public/` that makes the page more convenient; it works without. */
  readonly script?: string
}

/** A whole document, ready to send. */
export function layout(page: Page): string {
  const { title, body, area, script } = page
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Quayside</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
${script && html`<script type="module" src="/assets/${script}"></script>`}
</head>
<body class="in-${area ?? "public"}">
<a class="skip" href="#main">Skip to the content</a>
<header>
<div class="bar">
<p class="place"><a class="brand" href="/">${mark} Quayside</a>
${area && html`<a class="area" href="${areas[area].home}">${areas[area].title}</a>`}</p>
${navigation(page)}
</div>
</header>
<main id="main">
${body}
</main>
<footer class="foot">
<p>Quayside is an example of an application built with <strong>Mortise</strong>: three realms in one browser. <a href="/cookies">Which cookie goes where</a></p>
</footer>
</body>
</html>
`
  return render(document)
}

const mark = html`<svg class="mark" viewBox="0 0 24 24" width="26" height="26" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" d="M2.5 11a9.5 8 0 0 1 19 0zM2.5 11v9m19-9v9M9 20v-4a3 3 0 0 1 6 0v4M12 3V1"/></svg>`

function navigation({ area, person, storeCode, path }: Page): Html {
  const links =
    area && person
      ? placesOf(area, storeCode)
      : areaNames.map((name) => [areas[name].home, areas[name].title] as const)
  return html`<nav class="places" aria-label="Main">
${links.map(([href, name]) => html`<a href="${href}"${href === path && html` aria-current="page"`}>${name}</a>`)}
${area && person && html`<form method="post" action="${areas[area].path}/auth/logout"><button class="quiet" title="Signed in as ${person.claims.email}">Sign out</button></form>`}
</nav>`
}

function placesOf(area: AreaName, storeCode: string | undefined): readonly (readonly [string, string])[] {
  if (area === "admin")
    return [
      ["/admin/dashboard", "Dashboard"],
      ["/admin/users", "People"],
    ]
  if (area === "storefront")
    return [
      ["/storefront/account/dashboard", "Account"],
      ["/storefront/account/orders", "Orders"],
    ]
  if (storeCode === undefined) return []
  return [
    [`/store/${storeCode}/dashboard`, "Dashboard"],
    [`/store/${storeCode}/products`, "Products"],
  ]
}

/** A sentence that the page is about right now; screen readers read an error out at once. */
export function banner(kind: "error" | "notice", text: string | undefined): Child {
  if (text === undefined) return undefined
  return kind === "error"
    ? html`<p class="banner error" role="alert">${text}</p>`
    : html`<p class="banner notice" role="status">${text}</p>`
}

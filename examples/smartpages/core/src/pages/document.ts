import type { Locale } from "../../../words/locale.js"
import { wordsIn } from "../../../words/words.js"
import { type Html, html, render } from "./html.js"

/** Nothing but our own style sheet and icon, and forms to ourselves. The built pages say the same of themselves. */
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"

/** A page that the Worker writes itself, in the dress of the built ones. */
export function writtenPage(locale: Locale, title: string, body: Html): string {
  return render(html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · SmartPages</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body>
<a class="skip" href="#main">${wordsIn(locale).skipToContent}</a>
<header class="bar"><a class="brand" href="/${locale}/login"><img src="/assets/icon.svg" alt="" width="28" height="28"> SmartPages</a></header>
<main id="main">
${body}
</main>
</body>
</html>
`)
}

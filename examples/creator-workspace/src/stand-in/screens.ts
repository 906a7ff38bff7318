import { type Child, type Html, html, render } from "../html.js"
import { providerMark } from "../pages/provider-mark.js"
import type { Persona } from "./persona.js"

/** One sign-in at a persona. */
export interface Visit {
  readonly persona: Persona
  /** Origin of the application that asks. */
  readonly application: string
  /** Where the forms post to. */
  readonly address: string
}

/** Asks who is there, and believes it. `refused` is an address that is none. */
export function loginScreen({ persona, application, address }: Visit, refused?: string): string {
  return screen(
    persona,
    "Sign in",
    html`<h1>Sign in</h1>
<p class="to">to go on to <strong>Deckle</strong> at ${application}</p>
${refused !== undefined && html`<p class="wrong" role="alert">That is no email address. Any will do that looks like one.</p>`}
<form method="post" action="${address}">
<label class="field">Email address
<input name="email" type="email" value="${refused ?? ""}" autocomplete="off" required maxlength="254" autofocus></label>
<label class="choice"><input type="checkbox" name="verified" value="yes" checked>
<span>${persona.label} has verified this address<small>Without it the provider says “email_verified”: false.</small></span></label>
<p class="buttons">
<button>Next</button>
<button name="decision" value="deny" class="quiet" formnovalidate>Cancel</button>
</p>
</form>`,
  )
}

/** What was typed into the first screen. */
export interface Typed {
  readonly email: string
  readonly verified: boolean
}

/** Asks whether the application may know it. */
export function consentScreen({ persona, application, address }: Visit, { email, verified }: Typed): string {
  return screen(
    persona,
    "Allow access",
    html`<h1>Deckle wants to know who you are</h1>
<p class="to">You are <strong>${email}</strong></p>
<p>If you allow it, ${persona.label} tells ${application}</p>
<ul>
<li>that it is you, each time that you sign in,</li>
<li>your email address, ${verified ? "which is verified." : "and that nobody has verified it."}</li>
</ul>
<form method="post" action="${address}">
<input type="hidden" name="email" value="${email}">
${verified && html`<input type="hidden" name="verified" value="yes">`}
<p class="buttons">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny" class="quiet">Deny</button>
</p>
</form>`,
  )
}

/** What went wrong, and the way back. */
export function errorScreen(persona: Persona, application: string, detail: string): string {
  return screen(
    persona,
    "That did not work",
    html`<h1>That did not work</h1>
<p>${detail}</p>
<p><a href="${application}">Back to Deckle</a></p>`,
  )
}

function screen({ name, label }: Persona, title: string, body: Child): string {
  return render(html`<!doctype html>
<html lang="en" class="${name}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · stand-in for ${label}</title>
<link rel="stylesheet" href="/stand-in.css">
</head>
<body>
${notice(label)}
<main>
<p class="who">${providerMark(name)} Stand-in for ${label}</p>
${body}
</main>
</body>
</html>
`)
}

function notice(label: string): Html {
  return html`<aside>
<p><strong>This is not ${label}.</strong> It is a program on this machine that plays ${label}, so that Deckle can be tried without registering anywhere.
Type any address; there is no password, and nothing leaves this machine.</p>
</aside>`
}

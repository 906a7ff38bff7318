import type { SessionView } from "@mortise/core"
import type { Guest } from "../auth.js"
import { type Html, html } from "../html.js"
import { deviceName } from "./device-name.js"
import { exactTime, timeAgo } from "./instant.js"
import { banner, layout } from "./layout.js"

/** What the list of devices is drawn from. */
export interface DevicesState {
  readonly sessions: readonly SessionView[]
  readonly now: number
  readonly error: string | undefined
  readonly notice: string | undefined
}

/** Every live session of the guest, and the buttons that end them. */
export function devicesPage(guest: Guest, { sessions, now, error, notice }: DevicesState): string {
  const current = guest.session.id
  const others = sessions.filter((session) => session.id !== current)
  const body = html`<div class="narrow">
<h1>Devices</h1>
<p class="muted">Everywhere you are signed in. If you do not recognize a device, sign it out and change your password.</p>
${banner("notice", notice)}
${banner("error", error)}
<ul class="sessions">
${ownSession(guest.session)}
${others.map((session) => otherSession(session, now))}
</ul>
<div class="actions">
${others.length > 0 && endButton("others", "Sign out all other devices", "plain")}
${endButton("all", "Sign out everywhere", "danger")}
</div>
</div>`
  return layout({ title: "Devices", body, guest, path: "/devices" })
}

function ownSession(session: SessionView): Html {
  return html`<li class="card session">
<div>
<h2>${deviceName(session.userAgent)} <span class="tag">This device</span></h2>
<p class="muted">Signed in ${time(session.createdAt)}${place(session)}</p>
</div>
</li>`
}

function otherSession(session: SessionView, now: number): Html {
  const name = deviceName(session.userAgent)
  return html`<li class="card session">
<div>
<h2>${name}</h2>
<p class="muted">Signed in ${time(session.createdAt)}${place(session)}<br>Last seen ${timeAgo(session.lastSeenAt, now)}</p>
</div>
${endButton(session.id, "Sign out", "plain", `Sign out ${name}, signed in ${exactTime(session.createdAt)}`)}
</li>`
}

function endButton(session: string, text: string, kind: string, label = text): Html {
  return html`<form method="post" action="/api/auth/sessions/end">
<input type="hidden" name="session" value="${session}">
<button class="${kind}" aria-label="${label}">${text}</button>
</form>`
}

function time(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${exactTime(at)}</time>`
}

function place({ address }: SessionView): string {
  return address === "" ? "" : ` from ${address}`
}

import type { Stores } from "@mortise/core"
import type { Guest } from "../auth.js"
import { type Html, html } from "../html.js"
import { deviceName } from "./device-name.js"
import { eventText } from "./event-text.js"
import { exactTime } from "./instant.js"
import { banner, layout } from "./layout.js"

type AuditRecord = Awaited<ReturnType<Stores["audit"]["list"]>>[number]
type AuditVerdict = Awaited<ReturnType<Stores["audit"]["verify"]>>

/** A part of the log, newest first, and where the next one begins. */
export interface LogPart {
  readonly records: readonly AuditRecord[]
  readonly more: boolean
}

/** What was done with the guest's own account. */
export function activityPage(guest: Guest, part: LogPart): string {
  const body = html`<div class="narrow">
<h1>Activity</h1>
<p class="muted">Everything that was done with your account, newest first. Something that was not you? Change your password, and sign out all devices.</p>
${log(part, "/activity", false)}
</div>`
  return layout({ title: "Activity", body, guest, path: "/activity" })
}

/** The whole log, for those who keep the house, and whether anybody has meddled with it. */
export function keeperPage(guest: Guest, part: LogPart, verdict: AuditVerdict | undefined): string {
  const body = html`<div class="narrow wide">
<h1>House log</h1>
<p class="muted">Each record is sealed by the one after it: what is changed or taken out is found.</p>
${verdict && verdictBanner(verdict)}
<form method="get" action="/keeper"><button name="check" value="1">Check the log</button></form>
${log(part, "/keeper", true)}
</div>`
  return layout({ title: "House log", body, guest, path: "/keeper" })
}

function verdictBanner(verdict: AuditVerdict): Html {
  const text = verdict.ok
    ? `All ${verdict.records} records are as they were written.`
    : `Record ${verdict.number} is ${verdict.fault === "changed" ? "not what was written" : verdict.fault === "missing" ? "missing" : "changed without an erasure"}.`
  return html`${banner(verdict.ok ? "notice" : "error", text)}${verdict.ok && verdict.last && html`<p class="hint">Remember this elsewhere: <code class="secret">${verdict.last.number} ${verdict.last.hash}</code></p>`}`
}

function log({ more, records }: LogPart, path: string, all: boolean): Html {
  const last = records.at(-1)
  return html`<ol class="log">
${records.map((record) => recordItem(record, all))}
</ol>
${records.length === 0 && html`<p>Nothing yet.</p>`}
${more && last && html`<p><a class="button plain" href="${path}?before=${String(last.number)}">Older</a></p>`}`
}

function recordItem({ event, number }: AuditRecord, all: boolean): Html {
  const place = [event.address, event.userAgent && deviceName(event.userAgent)].filter(Boolean).join(", ")
  return html`<li>
<span>${all && html`<span class="number">${String(number)}</span> `}<b>${eventText(event)}</b><br>
<span class="hint">${exactTime(event.at)}${place !== "" && ` from ${place}`}${all && html` <code>${event.type}</code>`}</span></span>
</li>`
}

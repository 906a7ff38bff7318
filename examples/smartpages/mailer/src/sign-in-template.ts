import type { D1Database } from "@cloudflare/workers-types"
import type { MailTemplate } from "@mortise/core/mail"
import { fillHtml, fillText } from "./fill.js"

interface Row {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The sign-in mail as it stands in the template database, in the mail's language. Rejects where there is none in it. */
export function signInTemplate(database: D1Database): MailTemplate {
  return async ({ code = "", expiresAt, locale, url }, { appName, timeZone }) => {
    const row = await database
      .prepare("select subject, text, html from templates where name = 'sign-in' and locale = ?")
      .bind(locale)
      .first<Row>()
    if (!row) throw new Error(`There is no sign-in template for ${locale}.`)
    const until = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone }).format(expiresAt)
    const values = {
      appName,
      url,
      code: inTwoGroups(code),
      until: `${until} (${zoneName(locale, timeZone, expiresAt)})`,
    }
    return {
      subject: fillText(row.subject, values),
      text: fillText(row.text, values),
      html: fillHtml(row.html, values),
    }
  }
}

/** Eight digits are easier to carry over in two halves; the library takes them with the space. */
function inTwoGroups(code: string): string {
  return code.replace(/^(\d{4})(\d{4})$/, "$1 $2")
}

function zoneName(locale: string, timeZone: string, at: number): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: "short" }).formatToParts(at)
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? timeZone
}

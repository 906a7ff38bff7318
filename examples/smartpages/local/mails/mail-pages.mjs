/** @import { Mail } from "./mailbox.mjs" */

/**
 * Every mail, newest first.
 *
 * @param {readonly Mail[]} mails
 */
export function listPage(mails) {
  const rows = mails.map(
    ({ created_at, id, subject, to }) =>
      `<li><a href="/mails/${id}">${escapeHtml(subject)}</a><br><small>to ${escapeHtml(to.join(", "))}, ${escapeHtml(created_at)}</small></li>`,
  )
  const list =
    rows.length === 0
      ? "<p>No mail yet. Ask for a link, then load this page again.</p>"
      : `<ul>${rows.join("")}</ul>`
  return page(
    "Mails",
    `<p>Nothing here leaves this machine: a stand-in for Resend keeps what the Mailer Worker sends.</p>${list}`,
  )
}

/**
 * One mail as a mail program shows it: walled in, no scripts, and a link leads the whole window on.
 *
 * @param {Mail} mail
 */
export function mailPage({ from, html, subject, text, to }) {
  const document = html === "" ? `<pre>${escapeHtml(text)}</pre>` : html
  const walled = document.replace(/<head>|^/i, (start) => `${start}<base target="_top">`)
  return page(
    subject,
    `<p><a href="/mails">All mails</a></p>
<dl><dt>From</dt><dd>${escapeHtml(from)}</dd><dt>To</dt><dd>${escapeHtml(to.join(", "))}</dd></dl>
<iframe title="Mail" sandbox="allow-top-navigation-by-user-activation" srcdoc="${escapeHtml(walled)}"></iframe>
<details><summary>The same as plain text</summary><pre>${escapeHtml(text)}</pre></details>`,
  )
}

const style = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{max-width:46rem;margin:2rem auto;padding:0 1rem}
iframe{width:100%;height:36rem;border:1px solid GrayText;border-radius:8px;background:Canvas}dl{display:grid;grid-template-columns:auto 1fr;gap:0 1rem}
dd{margin:0}li{margin:.75rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere}`

/**
 * @param {string} title
 * @param {string} body
 */
function page(title, body) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`
}

/** @param {string} text */
function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * One sign-in, as the screens show it.
 *
 * @typedef {{ application: string, address: string }} Visit
 */

const signs = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
])

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => signs.get(sign) ?? "")
}

/**
 * Asks who is there, and believes it.
 *
 * @param {Visit} visit
 * @param {string} [refused] a name that is none
 */
export function loginScreen({ application, address }, refused) {
  const complaint =
    refused === undefined ? "" : '<p class="wrong" role="alert">A name has letters, digits and "-".</p>'
  return screen(
    "Sign in",
    `<h1>Sign in</h1>
<p class="to">to go on to <strong>Almanac</strong> at ${escaped(application)}</p>
${complaint}
<form method="post" action="${escaped(address)}">
<label class="field">Username
<input name="login" value="${escaped(refused ?? "")}" autocomplete="off" autocapitalize="off" spellcheck="false" required maxlength="39" autofocus></label>
<label class="choice"><input type="checkbox" name="sponsor" value="yes">
<span>Sponsors Almanac<small>What the profile says: isSponsor.</small></span></label>
<p class="buttons">
<button name="decision" value="allow">Sign in and allow</button>
<button name="decision" value="deny" class="quiet" formnovalidate>Deny</button>
</p>
</form>`,
  )
}

/**
 * What went wrong, and the way back.
 *
 * @param {string} application
 * @param {string} detail
 */
export function errorScreen(application, detail) {
  return screen(
    "That did not work",
    `<h1>That did not work</h1>
<p>${escaped(detail)}</p>
<p><a href="${escaped(application)}">Back to Almanac</a></p>`,
  )
}

/**
 * @param {string} title
 * @param {string} body
 */
function screen(title, body) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · stand-in for GitHub</title>
<link rel="stylesheet" href="/stand-in.css">
</head>
<body>
<aside>
<p><strong>This is not GitHub.</strong> It is a program on this machine that plays GitHub, so that Almanac can be tried without registering anywhere.
Type any name; there is no password, and nothing leaves this machine.</p>
</aside>
<main>
<p class="who">Stand-in for GitHub</p>
${body}
</main>
</body>
</html>
`
}

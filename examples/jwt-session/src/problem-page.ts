/** What to say by HTTP status. What broke is for the log. */
const words: Readonly<Record<number, readonly [title: string, lead: string]>> = {
  403: ["Not for you", ""],
  503: [
    "Back in a moment",
    "Something that we need does not answer at the moment. You are still signed in; please try again.",
  ],
}

/** The page for a person whom the library must refuse and cannot send on. It stands by itself: what is down may be all the rest. */
export function problemPage(status: number, detail: string): string {
  const [title, lead] = words[status] ?? ["That did not work", ""]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Almanac</title>
<link rel="stylesheet" href="/style.css">
<main><div class="card narrow"><h1>${title}</h1><p>${lead || escaped(detail)}</p><p><a href="/">To the start</a></p></div></main>
</html>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

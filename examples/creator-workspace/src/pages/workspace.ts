import { type Article, articleLimit } from "../articles/article.js"
import { renderMarkdown } from "../articles/render-markdown.js"
import type { Creator } from "../auth.js"
import { type Html, html } from "../html.js"
import { exactTime } from "./instant.js"
import { banner, layout } from "./layout.js"

/** What the workspace was opened with. */
export interface WorkspaceState {
  readonly article: Article | undefined
  readonly error: string | undefined
  readonly notice: string | undefined
}

/** The first screen asks for ARTICLE.md; from then on it shows the article, and takes the next draft. */
export function workspacePage(creator: Creator, state: WorkspaceState): string {
  const { article } = state
  const body = article ? withArticle(article, state) : withoutArticle(state)
  return layout({ title: "Workspace", body, creator, path: "/workspace", script: "import.js" })
}

function withoutArticle({ error, notice }: WorkspaceState): Html {
  return html`<div class="narrow">
${steps("import")}
<h1>Import ARTICLE.md</h1>
<p class="muted">Everything starts with a draft. Bring yours, and see it on the page.</p>
${banner("notice", notice)}
${banner("error", error)}
${importForm("Import")}
<p class="hint">Plain Markdown in UTF-8, up to 256 KB. Only you can see it.</p>
</div>`
}

function withArticle(article: Article, { error, notice }: WorkspaceState): Html {
  const { title, body, words } = renderMarkdown(article.markdown)
  const minutes = Math.max(1, Math.round(words / 230))
  return html`${banner("notice", notice)}
${banner("error", error)}
<div class="desk">
<h1 class="unseen">${title ?? article.fileName}</h1>
<aside>
${steps("read")}
<dl class="facts">
<div><dt>File</dt><dd>${article.fileName}</dd></div>
<div><dt>Length</dt><dd>${words.toLocaleString("en")} ${words === 1 ? "word" : "words"}, ${minutes} min</dd></div>
<div><dt>Imported</dt><dd><time datetime="${new Date(article.importedAt).toISOString()}">${exactTime(article.importedAt)}</time></dd></div>
</dl>
<h2>Next draft</h2>
${importForm("Replace")}
</aside>
<article class="sheet" aria-label="${title ?? article.fileName}">
${body}
</article>
</div>`
}

function steps(current: "import" | "read"): Html {
  return html`<ol class="steps">
<li${current === "import" && html` aria-current="step"`}>Import</li>
<li${current === "read" && html` aria-current="step"`}>Read</li>
</ol>`
}

function importForm(verb: string): Html {
  return html`<form class="import" method="post" action="/workspace/article" enctype="multipart/form-data" data-limit="${articleLimit}">
<label class="drop">
<span class="drop-title">Choose your ARTICLE.md</span>
<span class="drop-more">or drop it here</span>
<input type="file" name="article" accept=".md,.markdown,text/markdown,text/plain" required>
</label>
<div class="outcome" aria-live="assertive"></div>
<button>${verb}</button>
</form>`
}

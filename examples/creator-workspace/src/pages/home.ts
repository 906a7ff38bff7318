import type { Creator } from "../auth.js"
import { html } from "../html.js"
import { layout } from "./layout.js"

/** The front page. The Creator Portal is the workspace for who is signed in, the way to it for everybody else. */
export function homePage(creator: Creator | undefined): string {
  const body = html`<section class="hero">
<div>
<p class="eyebrow">For people who write in Markdown</p>
<h1>Your words, on&nbsp;good paper.</h1>
<p class="lead">You have an ARTICLE.md. Deckle sets it the way a reader will see it, keeps it in a place that is
only yours, and takes the next draft when you have one.</p>
<p class="actions">
<a class="button" href="${creator ? "/workspace" : "/sign-in"}">Creator Portal</a>
${!creator && html`<a class="button plain" href="/register">Create an account</a>`}
</p>
</div>
${illustration}
</section>

<section class="reasons" aria-label="What you get">
<article>
<h2>One file is enough</h2>
<p>No editor to learn, no format to convert to. Drop the file that you already write in, from whatever you write it with.</p>
</article>
<article>
<h2>Set to be read</h2>
<p>A measure that the eye can follow, real quotation marks, room around headings: what is wrong with a text shows on a good page.</p>
</article>
<article>
<h2>Yours alone</h2>
<p>Your draft is behind your password. See every device that is signed in, and end any of them with one press.</p>
</article>
</section>`
  return layout({ title: "Your words, on good paper", body, creator, path: "/" })
}

const illustration = html`<div class="illustration" aria-hidden="true">
<div class="source"><p><b># The last paper mill</b></p><p>&nbsp;</p><p>It smells of <b>*wet wool*</b> here, and</p><p>has since 1782.</p><p>&nbsp;</p><p><b>&gt;</b> "You never learn paper.</p><p><b>&gt;</b> You get used to it."</p></div>
<div class="set"><p class="title">The last paper mill</p><p>It smells of <em>wet wool</em> here, and has since 1782.</p><p class="quote">“You never learn paper. You get used to it.”</p></div>
</div>`

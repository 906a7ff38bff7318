import type { Problem, ProblemPage } from "@mortise/core"
import { html } from "../html.js"
import { type AreaName, areas } from "./areas.js"
import { layout } from "./layout.js"

/** Title by HTTP status. */
const titles: Readonly<Record<number, string>> = {
  400: "That did not work",
  401: "Sign in first",
  403: "Not for this account",
  404: "Not found",
  503: "Back in a moment",
}

/** The page of an area for somebody who must be refused, with the way in. Its words are the realm's own. */
export function areaProblemPage(area: AreaName): ProblemPage {
  return ({ status, reason, detail }, { method, target }) => {
    const { signIn, title } = areas[area]
    const entry = status === 401 ? "Sign in" : "Sign in as somebody else"
    // The library follows it only if it leads to a page of this site.
    const way = method === "GET" ? `?${new URLSearchParams({ return_to: target })}` : ""
    const body = html`<section class="problem">
<p class="eyebrow">${status}</p>
<h1>${titles[status] ?? "Something went wrong"}</h1>
<p class="lead" id="detail">${detail}</p>
<p class="actions">
${(status === 401 || reason === "forbidden") && html`<a class="button" href="${signIn}${way}">${entry}: ${title}</a>`}
<a class="button plain" href="/">To the market</a>
</p>
</section>`
    return layout({ title: titles[status] ?? "Something went wrong", body, area })
  }
}

/** A page for what went wrong outside of the areas. */
export function problemPage({ status, detail }: Pick<Problem, "status" | "detail">): string {
  const title = titles[status] ?? "Something went wrong"
  const body = html`<section class="problem">
<p class="eyebrow">${status}</p>
<h1>${title}</h1>
<p class="lead" id="detail">${detail}</p>
<p class="actions"><a class="button plain" href="/">To the market</a></p>
</section>`
  return layout({ title, body })
}

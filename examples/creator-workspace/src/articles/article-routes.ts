import { requireSession } from "@mortise/express"
import { type Request, type Response, Router } from "express"
import { errorText, type ImportProblem } from "../pages/messages.js"
import { pageState, sendPage, signedInCreator } from "../pages/send-page.js"
import { workspacePage } from "../pages/workspace.js"
import type { ArticleStore } from "./article.js"
import { readUpload } from "./read-upload.js"

/** The workspace: shows the creator's article, takes the next one. */
export function articleRoutes(articles: ArticleStore): Router {
  const routes = Router()

  routes.get("/workspace", requireSession(), async (req, res) => {
    const creator = signedInCreator(req)
    const article = await articles.find(creator.userId)
    sendPage(res, workspacePage(creator, { article, ...pageState(req) }))
  })

  routes.post("/workspace/article", requireSession(), async (req, res) => {
    const upload = await readUpload(req, res)
    if (!upload.ok) return refuse(req, res, upload.problem)
    await articles.save(signedInCreator(req).userId, upload.article)
    const page = "/workspace?notice=imported"
    if (wantsJson(req)) res.json({ page })
    else res.redirect(303, page)
  })

  return routes
}

/** For a script the words, for a form the way back to the page that has them. */
function refuse(req: Request, res: Response, problem: ImportProblem): void {
  if (wantsJson(req)) {
    res
      .status(problem === "file_too_large" ? 413 : 422)
      .type("application/problem+json")
      .send(JSON.stringify({ type: "about:blank", reason: problem, detail: errorText(problem) }))
  } else res.redirect(303, `/workspace?error=${problem}`)
}

function wantsJson(req: Request): boolean {
  return req.accepts("html", "json") === "json"
}

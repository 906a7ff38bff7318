import { requireSession } from "@mortise/express"
import { type Response, Router, urlencoded } from "express"
import * as z from "zod/mini"
import { adminDashboard, peoplePage } from "../pages/admin.js"
import { pageState, sendPage, signedIn } from "../pages/send-page.js"
import { roles } from "../people/person.js"
import type { OpenStores } from "../stores.js"
import type { Administration, AdministrationProblem } from "./administration.js"
import { pathParam } from "./path-param.js"

/** What the administration is made of. */
export interface AdminParts extends Pick<OpenStores, "people" | "directory" | "orders"> {
  readonly administration: Administration
}

const roleForm = z.object({ role: z.enum(roles) })
const accessForm = z.object({
  store: z.string().check(z.regex(/^\w{1,32}$/)),
  access: z.enum(["grant", "withdraw"]),
})
const activeForm = z.object({ active: z.enum(["yes", "no"]) })

/**
 * The pages below /admin. The realm stands before all of them: who gets here is an administrator. Each
 * says so once more: a guard that is forgotten must not look like one that was left out, and `test/matrix.test.ts` lists them.
 */
export function adminPages({ administration, directory, orders, people }: AdminParts): Router {
  const routes = Router()
  const form = urlencoded({ extended: false, limit: "4kb" })

  routes.get("/admin", requireSession(), (_req, res) => res.redirect(303, "/admin/dashboard"))

  routes.get("/admin/dashboard", requireSession(), async (req, res) => {
    const everybody = await people.list({ limit: 1000 })
    const market = { people: everybody, stores: await directory.list() }
    const view = { ...market, orders: await orders.list(), totals: await orders.totals() }
    sendPage(res, adminDashboard(signedIn(req), view))
  })

  routes.get("/admin/users", requireSession(), async (req, res) => {
    const view = {
      people: await people.list({ limit: 1000 }),
      stores: await directory.list(),
      access: await directory.access(),
    }
    sendPage(res, peoplePage(signedIn(req), view, pageState(req, "admin")))
  })

  routes.post("/admin/users/:id/role", requireSession(), form, async (req, res) => {
    const sent = roleForm.safeParse(req.body)
    if (!sent.success) return back(res, "invalid_request")
    const { role } = sent.data
    back(
      res,
      await administration.changeRole(signedIn(req).userId, pathParam(req, "id"), role),
      "role_changed",
    )
  })

  routes.post("/admin/users/:id/access", requireSession(), form, async (req, res) => {
    const sent = accessForm.safeParse(req.body)
    if (!sent.success) return back(res, "invalid_request")
    const { access, store } = sent.data
    const problem = await administration.setAccess(pathParam(req, "id"), store, access === "grant")
    back(res, problem, access === "grant" ? "access_granted" : "access_withdrawn")
  })

  routes.post("/admin/users/:id/active", requireSession(), form, async (req, res) => {
    const sent = activeForm.safeParse(req.body)
    if (!sent.success) return back(res, "invalid_request")
    const active = sent.data.active === "yes"
    const problem = await administration.setActive(signedIn(req).userId, pathParam(req, "id"), active)
    back(res, problem, active ? "activated" : "deactivated")
  })

  return routes
}

function back(
  res: Response,
  problem: AdministrationProblem | "invalid_request" | undefined,
  notice = "",
): void {
  res.redirect(303, `/admin/users?${problem === undefined ? `notice=${notice}` : `error=${problem}`}`)
}

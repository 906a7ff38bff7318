import { requireSession } from "@mortise/express"
import { json, type Response, Router } from "express"
import * as z from "zod/mini"
import { errorText } from "../pages/messages.js"
import { sendProblem, signedIn } from "../pages/send-page.js"
import { type Person, roles } from "../people/person.js"
import type { AdminParts } from "./admin-pages.js"
import type { AdministrationProblem } from "./administration.js"
import { pathParam } from "./path-param.js"

const changes = z.strictObject({ role: z.optional(z.enum(roles)), active: z.optional(z.boolean()) })

/** The JSON API below /api/v1/admin, by `Authorization: Bearer` alone. */
export function adminApi({ administration, directory, people }: Omit<AdminParts, "orders">): Router {
  const routes = Router()
  const body = json({ limit: "4kb" })

  routes.get("/api/v1/admin/users", requireSession(), async (_req, res) => {
    const access = await directory.access()
    const users = await people.list({ limit: 1000 })
    res.json({ users: users.map((person) => view(person, access.get(person.id))) })
  })

  routes.patch("/api/v1/admin/users/:id", requireSession(), body, async (req, res) => {
    const sent = changes.safeParse(req.body)
    if (!sent.success)
      return sendProblem(res, 400, "invalid_request", "Send a role, or active: true or false.")
    const id = pathParam(req, "id")
    const { userId } = signedIn(req)
    const { active, role } = sent.data
    const problem =
      (role === undefined ? undefined : await administration.changeRole(userId, id, role)) ??
      (active === undefined ? undefined : await administration.setActive(userId, id, active))
    if (problem) return refuse(res, problem)
    const person = await people.find(id)
    if (!person) return refuse(res, "not_found")
    res.json({ user: view(person, (await directory.access()).get(id)) })
  })

  routes.put("/api/v1/admin/users/:id/stores/:code", requireSession(), async (req, res) => {
    answer(res, await administration.setAccess(pathParam(req, "id"), pathParam(req, "code"), true))
  })

  routes.delete("/api/v1/admin/users/:id/stores/:code", requireSession(), async (req, res) => {
    answer(res, await administration.setAccess(pathParam(req, "id"), pathParam(req, "code"), false))
  })

  return routes
}

function view(
  { id, email, username, name, role, disabledAt }: Person,
  stores: ReadonlySet<string> = new Set(),
): object {
  return { id, email, username, name, role, active: disabledAt === null, stores: [...stores] }
}

function answer(res: Response, problem: AdministrationProblem | undefined): void {
  if (problem) refuse(res, problem)
  else res.status(204).end()
}

function refuse(res: Response, problem: AdministrationProblem): void {
  sendProblem(res, problem === "not_found" ? 404 : 409, problem, errorText(problem) ?? "")
}

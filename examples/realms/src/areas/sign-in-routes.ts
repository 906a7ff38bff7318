import { Router } from "express"
import { areaNames, areas } from "../pages/areas.js"
import { pageState, queryText, sendPage } from "../pages/send-page.js"
import { signInPage } from "../pages/sign-in.js"

/** A sign-in page for each area. They are open; what their forms do is done by the library. */
export function signInRoutes(): Router {
  const routes = Router()
  for (const name of areaNames) {
    routes.get(areas[name].signIn, (req, res) => {
      const returnTo = queryText(req, "return_to")
      sendPage(res, signInPage(name, { person: req.auth ?? undefined, returnTo, ...pageState(req, name) }))
    })
  }
  return routes
}

import { withSession } from "@mortise/next"
import { almanac, auth } from "../../../auth/auth"
import { isCaseName } from "../../../errors/cases"
import { provoke } from "../../../errors/provoke"
import { problem } from "../../../problem"

/** Provokes one case, and shows what came of it on the page that it was asked on. */
export const POST = withSession(auth, async (request, { userId }) => {
  if (!almanac().settings.errorsPage) return problem(404, "not_found")
  const form = await request.formData()
  const name = form.get("case")
  if (!isCaseName(name)) return problem(422, "invalid_request")
  const { token = "" } = auth().contextOf({
    method: "POST",
    target: request.nextUrl.pathname,
    header: (header) => request.headers.get(header),
  })
  const report = await provoke(name, { userId, token })
  return new Response(null, { status: 303, headers: { location: `/errors?report=${report}#${name}` } })
})

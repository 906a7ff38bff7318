import { getServerSession } from "@mortise/next"
import { auth } from "../../../auth/auth"
import { earlyNotes } from "../../../early-notes"
import { problem, unavailable } from "../../../problem"

/** The early notes as JSON: what `withSession` does, by hand. */
export async function GET(): Promise<Response> {
  try {
    const principal = await getServerSession(auth)
    if (!principal) return problem(401, "not_signed_in")
    if (!principal.claims.isSponsor) return problem(403, "forbidden")
    return Response.json({ notes: earlyNotes }, { headers: { "cache-control": "private, no-store" } })
  } catch (fault) {
    return unavailable(fault)
  }
}

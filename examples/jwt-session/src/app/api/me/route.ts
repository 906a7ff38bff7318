import { withSession } from "@mortise/next"
import { almanac, auth } from "../../../auth/auth"
import { traced } from "../../../errors/trace"
import { problem, unavailable } from "../../../problem"

/** The guarded API: session, user id, database, the user. */
export const GET = traced(
  withSession(auth, async (_request, { userId }) => {
    try {
      const member = await almanac().stores.members.find(userId)
      // Deleted while the session goes on, which may be as long as an accepted staleness.
      if (!member || member.disabledAt !== null) return problem(401, "not_signed_in")
      const { id, username, email, isSponsor, createdAt, lastLoginAt, logins } = member
      return Response.json({ id, username, email, isSponsor, createdAt, lastLoginAt, logins })
    } catch (fault) {
      return unavailable(fault)
    }
  }),
)

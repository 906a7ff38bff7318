import type { CreatorAuth } from "../auth.js"
import { problemPage } from "./problem.js"

/**
 * The library answers a person whom it must refuse with a bare sentence, since it knows no host's design. Here each of these answers
 * gets a page of ours: same status, same headers.
 */
export function withOwnProblemPages(auth: CreatorAuth): CreatorAuth {
  return {
    ...auth,
    handle: async (request, peerAddress) => dressed(await auth.handle(request, peerAddress)),
    async guard(principal, rule, incoming) {
      const refused = await auth.guard(principal, rule, incoming)
      return refused && dressed(refused)
    },
    answerFault: (fault, incoming) => dressed(auth.answerFault(fault, incoming)),
  }
}

function dressed(answer: Response): Response {
  const { status, headers } = answer
  if (!headers.get("content-type")?.startsWith("text/html")) return answer
  return new Response(problemPage(status), { status, headers })
}

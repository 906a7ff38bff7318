import { handlers } from "@mortise/next"
import { auth } from "../../../auth/auth"
import { traced } from "../../../errors/trace"

const answers = handlers(auth)

export const GET = traced(answers.GET)
export const POST = traced(answers.POST)
export const DELETE = traced(answers.DELETE)

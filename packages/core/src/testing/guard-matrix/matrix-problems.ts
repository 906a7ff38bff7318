import { isAsExpected } from "./expected-answer.js"
import type { GuardMatrix, MatrixRow } from "./matrix.js"

/** What a build must fail for, in sentences. */
export function problemsOf({
  rows,
  undeclared,
  untestable,
}: Pick<GuardMatrix, "rows" | "undeclared" | "untestable">): readonly string[] {
  const guarded = new Set(rows.map(({ route }) => route))
  const entered = new Set(rows.filter(isEntered).map(({ route }) => route))
  return [
    ...undeclared.map((route) => `${route} has no rule of its own`),
    ...untestable.map(
      (route) => `${route} is reached by no address that is known: name one in samples or params`,
    ),
    ...rows.flatMap(wrongAnswers),
    ...[...guarded].filter((route) => !entered.has(route)).map((route) => `${route} is entered by nobody`),
  ]
}

function wrongAnswers({ answers, route, target }: MatrixRow): readonly string[] {
  const [method] = route.split(" ", 1)
  return answers
    .filter(({ expected, status }) => !isAsExpected(expected, status))
    .map(
      ({ character, expected, status }) =>
        `${method} ${target} as ${character}: ${status}, expected ${expected}`,
    )
}

function isEntered({ answers }: MatrixRow): boolean {
  return answers.some(({ expected }) => expected === "passes")
}

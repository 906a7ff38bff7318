import { isAsExpected } from "./expected-answer.js"
import type { GuardMatrix, MatrixAnswer, MatrixRow } from "./matrix.js"

/** A row per address, a column per character, and below it what is open. */
export function matrixTable(matrix: Pick<GuardMatrix, "rows" | "public" | "undeclared">): string {
  const characters = matrix.rows[0]?.answers.map(({ character }) => character) ?? []
  const table = [
    ["route", "realm", "rules", ...characters],
    ["---", "---", "---", ...characters.map(() => "---")],
    ...matrix.rows.map(cells),
  ]
  return [
    ...table.map((row) => `| ${row.join(" | ")} |`),
    ...listed("Public", matrix.public),
    ...listed("No rule of its own", matrix.undeclared),
    "",
  ].join("\n")
}

function cells({ answers, realm, route, rules, target }: MatrixRow): readonly string[] {
  const [method] = route.split(" ", 1)
  const names = rules.map((rule) => code(rule)).join(", ")
  return [code(`${method} ${target}`), realm, names, ...answers.map(cell)]
}

/** A handler's own status is nobody's promise here. */
function cell({ expected, status }: MatrixAnswer): string {
  if (!isAsExpected(expected, status)) return `**${status}**, not ${expected}`
  return expected === "passes" ? "passes" : `${status}`
}

function listed(title: string, routes: readonly string[]): readonly string[] {
  return routes.length === 0 ? [] : ["", `${title}: ${routes.map(code).join(", ")}`]
}

/** A bar would end the cell, in code as well. */
function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``
}

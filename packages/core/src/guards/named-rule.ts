import type { Rule } from "./rule.js"

/** The rule under the name that stands for it in events and tables. The name cannot be assigned to later. */
export function namedRule<C extends object>(name: string, rule: Rule<C>): Rule<C> {
  return Object.defineProperty(rule, "name", { value: name, writable: false })
}

/** How a rule is called inside the name of another. */
export function nameOf(rule: object): string {
  return "name" in rule && typeof rule.name === "string" && rule.name !== "" ? rule.name : "a rule"
}

/** Texts as a name shows them: one alone, several as a list, escaped as JSON escapes them. */
export function quoted(texts: readonly string[]): string {
  const all = texts.map((text) => JSON.stringify(text)).join(", ")
  return texts.length === 1 ? all : `[${all}]`
}

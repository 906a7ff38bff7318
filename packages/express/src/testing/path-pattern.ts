/**
 * A path of Express with plain parameters only: `:name`, `*`, `*name`. An optional part makes two paths of it; the condition on a parameter is left
 * out, since whoever fills the path finds out whether the value leads there. Undefined for what cannot be filled with values: a regular
 * expression, or a path with one in it.
 */
export function plainPaths(path: string | RegExp): readonly string[] | undefined {
  if (typeof path !== "string") return undefined
  const unconditional = path.replace(/(:\w+)\([^()]*\)/g, "$1").replace(/(:\w+)[*+]/g, "$1")
  const paths = withOptional(unconditional)
  return paths.every((one) => /^(?:[/\w.~%@!$&',;=-]|:\w|\*)*$/.test(one)) ? [...new Set(paths)] : undefined
}

/** `/a/:b?` of Express 4, `/a{/:b}` of Express 5: without it and with it. */
function withOptional(path: string): readonly string[] {
  const optional = /\{([^{}]*)\}|(\/:\w+)\?/.exec(path)
  if (!optional) return [path === "" ? "/" : path]
  const [whole, group, parameter] = optional
  return ["", group ?? parameter ?? ""].flatMap((part) => withOptional(path.replace(whole, () => part)))
}

/** A path below another; `/` is the other one itself. */
export function joined(prefix: string, path: string): string {
  const base = prefix.replace(/\/$/, "")
  return path === "/" ? base || "/" : `${base}${path.startsWith("/") ? "" : "/"}${path}`
}

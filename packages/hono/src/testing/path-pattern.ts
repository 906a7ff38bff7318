/**
 * A path of Hono with plain parameters only: `:name` and `*`. An optional parameter makes two paths of it; the condition on a parameter is left out,
 * since whoever fills the path finds out whether the value leads there. Undefined for what cannot be filled with values.
 */
export function plainPaths(path: string): readonly string[] | undefined {
  const unconditional = path.replace(/(:\w+)\{(?:\{[\d,]+\}|[^}])+\}/g, "$1")
  // Hono takes the last parameter alone for optional.
  const without = /^(.*)\/(:\w+)\?$/.exec(unconditional)
  const paths = without ? [without[1] || "/", `${without[1]}/${without[2]}`] : [unconditional]
  return paths.every((one) => /^(?:[/\w.~%@!$&',;=-]|:\w|\*)*$/.test(one)) ? paths : undefined
}

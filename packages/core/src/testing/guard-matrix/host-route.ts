import type { Rule } from "../../guards/rule.js"

/** One route of a host's application, as `routesOf()` of a binding lists it. */
export interface HostRoute {
  /** One method, in upper case. */
  readonly method: string
  /**
   * From the root of the application, parameters as `:storeCode`, a wildcard as `*` or `*name`. Where it cannot be filled with values (a regular
   * expression), as the host wrote it.
   */
  readonly path: string
  /** False where only the host can say which addresses lead here. */
  readonly fillable: boolean
  /**
   * The rules that stand before the handler of a request for this address, from the outside in, those of parts of the host
   * (`app.use("/part", requireSession())`) included; null lets in whoever is signed in. Undefined: such a request does not get here.
   */
  rulesAt(address: string): readonly (Rule<object> | null)[] | undefined
}

/** How a route is called in lists: `GET /store/:storeCode/dashboard`. */
export function nameOf({ method, path }: HostRoute): string {
  return `${method} ${path}`
}

/** One address that leads to a route. */
export interface Address {
  readonly path: string
  /** The values in it, decoded. */
  readonly params: Readonly<Record<string, string>>
}

/**
 * Every address that a path makes with the given values: each value of a parameter with each of the others. A parameter without values has
 * the value `1`.
 */
export function addressesOf(
  path: string,
  values: Readonly<Record<string, readonly string[]>>,
): readonly Address[] {
  const names = new Set([...path.matchAll(parameter)].map(([mark]) => nameIn(mark)))
  let choices: readonly Address["params"][] = [{}]
  for (const name of names) {
    const own = values[name] ?? ["1"]
    choices = choices.flatMap((chosen) => own.map((value) => ({ ...chosen, [name]: value })))
  }
  return choices.map((params) => ({ params, path: path.replace(parameter, (mark) => fill(mark, params)) }))
}

const parameter = /:\w+|\*\w*/g

/** A wildcard that has no name is called `*`. */
function nameIn(mark: string): string {
  return mark === "*" ? mark : mark.slice(1)
}

/** A wildcard takes several segments. */
function fill(mark: string, params: Address["params"]): string {
  const value = encodeURIComponent(params[nameIn(mark)] ?? "")
  return mark.startsWith("*") ? value.replaceAll("%2F", "/") : value
}

import type { Rule } from "../../guards/rule.js"
import { type Address, addressesOf, type HostRoute } from "./host-route.js"
import { type MatrixSite, placeAt, type SitePlace } from "./matrix-site.js"

/** One address that leads to a route, and what stands on the way. */
export interface Way {
  readonly address: Address
  /** Undefined outside of all areas. */
  readonly place: SitePlace | undefined
  /** From the outside in; null lets in whoever is signed in. */
  readonly rules: readonly (Rule<object> | null)[]
}

/** What a host says of its addresses. */
export interface AddressOptions {
  readonly params: Readonly<Record<string, readonly string[]>>
  /** Instead of those that the path makes. */
  readonly samples: readonly string[] | undefined
}

/** The addresses that lead to a route. One that is misspelt for a realm never gets there, whatever the router thinks. */
export function waysTo(
  route: HostRoute,
  site: MatrixSite,
  { params, samples }: AddressOptions,
): readonly Way[] {
  const given = samples?.map((path): Address => ({ path, params: {} }))
  const addresses = given ?? (route.fillable ? addressesOf(route.path, params) : [])
  return addresses.flatMap((address) => {
    const rules = route.rulesAt(address.path)
    const place = placeAt(site, address.path)
    return rules && place?.standing !== "misspelt" ? [{ address, place, rules }] : []
  })
}

/** Whether a session is asked for, by a rule of the route's own or by the realm. */
export function isGuarded({ place, rules }: Way): boolean {
  return rules.length > 0 || place?.standing === "guarded"
}

/** Whether nobody said of the route who may pass, nor that everybody may. */
export function isUndeclared({ place, rules }: Way): boolean {
  return rules.length === 0 && place !== undefined && place.standing !== "open"
}

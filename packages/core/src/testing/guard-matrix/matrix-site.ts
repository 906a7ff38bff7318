import type { AnyAuth } from "../../auth.js"
import { isBelow } from "../../http/areas.js"
import type { Area, Standing } from "../../http/boundary.js"
import { pathOf } from "../../http/incoming.js"
import type { Realms } from "../../realms.js"

/** What is mounted with `mortise()`: `realms(…)`, or the one `Auth` of the host. */
export type MatrixSite = AnyAuth | Realms

/** Whose an address is. */
export interface SitePlace {
  readonly auth: AnyAuth
  /** `undeclared` for all that belongs to an `Auth` without areas: it takes nothing for public, and guards nothing by itself. */
  readonly standing: Standing | "undeclared"
}

/** Undefined for what is public. */
export function placeAt(site: MatrixSite, target: string): SitePlace | undefined {
  if ("find" in site) return site.find(target)
  if (!site.boundary) return { auth: site, standing: "undeclared" }
  const here = site.boundary.at(target)
  return here && { auth: site, standing: here.standing }
}

/** The realms whose tokens are told from no token at all. */
export function realmsOf(site: MatrixSite): readonly AnyAuth[] {
  return "find" in site ? Object.values(site.realms) : [site]
}

/** The innermost area of a realm around an address. */
export function areaAround({ boundary }: AnyAuth, target: string): Area | undefined {
  const areas = (boundary?.areas ?? []).filter(({ path }) => isBelow(pathOf(target), path))
  return areas.sort((one, other) => other.path.length - one.path.length)[0]
}

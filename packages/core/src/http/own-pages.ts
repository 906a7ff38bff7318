import { misconfigured } from "../errors.js"
import { returnPath } from "./return-path.js"

/**
 * Pages that a flow has for itself, each checked to be a path on the host's own origin.
 * @throws ConfigError `ERR_CONFIG_PATH`
 */
export function ownPages<Name extends string>(
  flow: string,
  pages: Readonly<Record<Name, string>>,
  origin: string,
): Readonly<Record<Name, `/${string}`>> {
  for (const [name, page] of Object.entries<string>(pages)) {
    if (page && page === returnPath(page, origin) && !page.includes("#")) continue
    throw misconfigured("ERR_CONFIG_PATH", `${flow}.pages.${name}`, page, 'a path, as "/account"')
  }
  return pages as Readonly<Record<Name, `/${string}`>>
}

import { misconfigured } from "../../../errors.js"

/** @throws ConfigError `ERR_CONFIG_PROVIDER` for an option of a provider's that is not right */
export function checkedOption(
  provider: string,
  option: string,
  value: unknown,
  right: boolean,
  write: string,
): void {
  if (!right) throw misconfigured("ERR_CONFIG_PROVIDER", `${provider}: ${option}`, value, write)
}

/** @throws ConfigError for scopes that are no list */
export function checkedScopes(provider: string, scopes: readonly string[]): void {
  checkedOption(provider, "scopes", scopes, Array.isArray(scopes), '["email"]')
}

import { misconfigured } from "../../errors.js"

/** Who tokens are for. @throws ConfigError `ERR_CONFIG_JWT` for what is no name of at most 256 characters */
export function audienceOf(given: unknown): string {
  if (typeof given === "string" && given !== "" && given.length <= 256) return given
  throw misconfigured("ERR_CONFIG_JWT", "jwt: audience", given, 'a name, as "https://app.example.com"')
}

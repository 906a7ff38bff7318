import type { Provider } from "@mortise/core/oauth"
import type { ProviderSettings } from "../settings.js"
import { realProviders } from "./real-providers.js"
import { standInProviders } from "./stand-in-providers.js"

/** A provider, and what the application has to know of it besides. */
export interface OfferedProvider {
  readonly provider: Provider
  /** Where its sign-in pages are. Forms here lead there, which the content security policy has to allow. */
  readonly signInOrigins: readonly string[]
}

/** The providers with which this server was registered, in the order of the buttons; or the stand-in for all of them; or none. */
export function offeredProviders(origin: string, settings: ProviderSettings): readonly OfferedProvider[] {
  const callback = (name: string): string => `${origin}/auth/oauth/${name}/callback`
  return settings.standIn === undefined
    ? realProviders(settings, callback)
    : standInProviders(settings.standIn, callback)
}

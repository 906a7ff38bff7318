/** Somebody whom the stand-in plays. */
export interface Persona {
  /** As the application calls the provider, and the first segment of the stand-in's addresses. */
  readonly name: "google" | "github" | "microsoft"
  readonly label: string
}

/** All three of them, on one port. */
export const personas: readonly Persona[] = [
  { name: "google", label: "Google" },
  { name: "github", label: "GitHub" },
  { name: "microsoft", label: "Microsoft" },
]

/**
 * What the application is registered with, at each of them. It is no secret: whoever reaches the stand-in may say there that they are
 * anybody, so a secret would protect nothing.
 */
export const registration = { clientId: "deckle", clientSecret: "the-stand-in-believes-everybody" } as const

/** The issuer identifier of a persona: its own, as each provider has its own. */
export function issuerOf(standIn: string, { name }: Persona): string {
  return `${standIn}/${name}`
}

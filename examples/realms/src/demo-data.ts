import type { Role } from "./people/person.js"

/** Everybody's. It is shown on the sign-in pages. */
export const demoPassword = "mortise-demo-password"

/** Somebody who is there from the start. */
export interface DemoPerson {
  readonly email: string
  readonly name: string
  readonly role: Role
  /** Stores that they may run. */
  readonly access: readonly string[]
}

/** The oldest account first: of the two with the username `store` it is the one of ACME that a username alone means. */
export const demoPeople: readonly DemoPerson[] = [
  { email: "admin@example.com", name: "Ada Quill", role: "admin", access: [] },
  { email: "store@acme.com", name: "Wilma Coyle", role: "store", access: ["ACME"] },
  { email: "store@other.com", name: "Otto Herr", role: "store", access: ["OTHER"] },
  { email: "customer@example.com", name: "Cleo Byer", role: "customer", access: [] },
]

export const demoStores = [
  { code: "ACME", name: "ACME Ironmongers", tagline: "Tools that outlive their owner" },
  { code: "OTHER", name: "Other & Daughters", tagline: "Things for a house with a kettle in it" },
] as const

export const demoProducts = [
  { store: "ACME", name: "Bench vice", picture: "vice", price: 8900 },
  { store: "ACME", name: "Smoothing plane", picture: "plane", price: 12400 },
  { store: "ACME", name: "Folding rule", picture: "rule", price: 1450 },
  { store: "ACME", name: "Small anvil", picture: "anvil", price: 15900 },
  { store: "OTHER", name: "Enamel teapot", picture: "teapot", price: 3900 },
  { store: "OTHER", name: "Storm lantern", picture: "lantern", price: 5250 },
  { store: "OTHER", name: "Wool blanket", picture: "blanket", price: 9800 },
  { store: "OTHER", name: "Linen apron", picture: "apron", price: 4400 },
] as const

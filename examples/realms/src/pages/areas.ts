/** The three areas, by the name of their realm. */
export type AreaName = "admin" | "store" | "storefront"

/** How an area is called, and where one begins. */
export interface Area {
  readonly name: AreaName
  readonly title: string
  readonly purpose: string
  readonly path: string
  readonly signIn: string
  readonly home: string
  /** By what one signs in. */
  readonly field: "username" | "email"
}

function area(
  name: AreaName,
  parts: Pick<Area, "title" | "purpose" | "field"> & { readonly home: string },
): Area {
  return { name, ...parts, path: `/${name}`, signIn: `/${name}/login` }
}

/** As {@link AreaName}. */
export const areas: Readonly<Record<AreaName, Area>> = {
  admin: area("admin", {
    title: "Administration",
    purpose: "Who has an account, what they are, and whose store is whose.",
    field: "username",
    home: "/admin/dashboard",
  }),
  store: area("store", {
    title: "Store portal",
    purpose: "One store's orders, and the prices of what it sells.",
    field: "username",
    home: "/store",
  }),
  storefront: area("storefront", {
    title: "Your account",
    purpose: "Order from every store under the roof, and see what you have ordered.",
    field: "email",
    home: "/storefront/account/dashboard",
  }),
}

export const areaNames: readonly AreaName[] = ["admin", "store", "storefront"]

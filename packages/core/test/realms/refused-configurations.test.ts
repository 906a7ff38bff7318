import { describe, expect, test } from "vitest"
import { type AnyAuth, ConfigError, createAuth, opaque } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"
import { password } from "../../src/password.js"
import { type RealmOptions, realm, realms } from "../../src/realms.js"
import { testHasher } from "../../src/testing/test-hasher.js"
import { origin, secret } from "../app.js"

type Refused = readonly [what: string, make: () => unknown, code: string, message: RegExp]

interface Changes {
  /** The rest of what `realm()` takes. */
  readonly realm?: object
  readonly path?: string
  readonly cookieName?: string
  readonly basePath?: string
  readonly paths?: Readonly<Record<string, string>>
  readonly stores?: ReturnType<typeof memoryStores>
}

/** A realm of this name, whose pages are at the path of the same name unless the test says otherwise. */
function made(name: string, changes: Changes = {}): AnyAuth {
  const { basePath, cookieName = `${name}_token`, path = `/${name}`, paths = {} } = changes
  const options = { name, ...changes.realm } as RealmOptions<Record<never, never>>
  return createAuth({
    ...common(changes.stores),
    realm: realm(options),
    cookie: { name: cookieName, path },
    paths,
    ...(basePath === undefined ? {} : { basePath }),
  })
}

function common(stores = memoryStores()) {
  const flows = { password: password({ hasher: testHasher(), registration: "closed" }) }
  return { origin, secret, stores, flows, sessions: opaque() } as const
}

/** A realm at `/store` with an API. */
function store(changes: object): AnyAuth {
  return made("store", { realm: { api: "/api/v1/store", ...changes } })
}

const unfit = [
  "",
  "store",
  "/store/",
  "//store",
  "/store//x",
  "/store/../x",
  "/./store",
  "/store?x",
  "/st%6fre",
  "/store x",
  "/store/*",
  "/store;x",
]

const ofOne: readonly Refused[] = [
  ...unfit.map(
    (path): Refused => [
      `pages at "${path}"`,
      () => realm({ name: "store", pages: path }),
      "ERR_CONFIG_REALM",
      /^realm: pages: .* a path, as "\/store"/,
    ],
  ),
  ...unfit.map(
    (path): Refused => [
      `an API at "${path}"`,
      () => realm({ name: "store", api: path }),
      "ERR_CONFIG_REALM",
      /^realm: api: .* a path, as "\/store"/,
    ],
  ),
  [
    "an open path outside of the areas",
    () => store({ open: ["/login"] }),
    "ERR_CONFIG_REALM",
    /open: "\/login".* a path below \/store or \/api\/v1\/store; everything else is public/,
  ],
  [
    "an open path that only begins like an area",
    () => store({ open: ["/store-login"] }),
    "ERR_CONFIG_REALM",
    /open: "\/store-login"/,
  ],
  [
    "an open path with a star within",
    () => store({ open: ["/store/*/x"] }),
    "ERR_CONFIG_REALM",
    /open: "\/store\/\*\/x"/,
  ],
  [
    "pages inside of the API",
    () => made("store", { realm: { api: "/store", pages: "/store/app" } }),
    "ERR_CONFIG_REALM",
    /pages: "\/store\/app".* a path outside of "\/store"/,
  ],
  [
    "pages where the API is",
    () => store({ api: "/store" }),
    "ERR_CONFIG_REALM",
    /pages: "\/store".* a path outside of "\/store"/,
  ],
  [
    "pages where the API is, up to case",
    () => store({ api: "/Store" }),
    "ERR_CONFIG_REALM",
    /pages: "\/Store".* a path that is no other area's/,
  ],
  [
    "pages beside the cookie's path",
    () => store({ pages: "/shop" }),
    "ERR_CONFIG_REALM",
    /pages: "\/shop".* cookie: \{ path: "\/shop" \} beside it, or a path below "\/store"/,
  ],
  [
    "pages above the cookie's path",
    () => store({ pages: "/" }),
    "ERR_CONFIG_REALM",
    /pages: "\/".* cookie: \{ path: "\/" \} beside it/,
  ],
  [
    "routes at their usual place, where the pages are further down",
    () => made("store", { realm: { pages: "/store/app" } }),
    "ERR_CONFIG_REALM",
    /basePath: "\/store\/auth.* basePath: "\/store\/app\/auth"/,
  ],
  [
    "a basePath outside of the areas",
    () => made("store", { realm: { pages: "/store/app" }, basePath: "/store/sign" }),
    "ERR_CONFIG_REALM",
    /basePath: "\/store\/sign.* basePath: "\/store\/app\/auth"/,
  ],
  [
    "a basePath outside of the cookie's path",
    () => made("store", { basePath: "/auth" }),
    "ERR_CONFIG_COOKIE",
    /cookie\.path: "\/store".* basePath: "\/store\/auth"/,
  ],
  [
    "a single route outside of the areas",
    () =>
      made("store", {
        realm: { pages: "/store/app" },
        basePath: "/store/app/auth",
        paths: { login: "/store/login" },
      }),
    "ERR_CONFIG_REALM",
    /basePath: "\/store\/login"/,
  ],
  ["a name that is none", () => made("Store Front", { path: "/store" }), "ERR_CONFIG_REALM", /"admin"/],
  [
    "a rule that was called too early",
    () => store({ rule: true }),
    "ERR_CONFIG_REALM",
    /rule: true.* a function, as hasRole\("admin"\)/,
  ],
  ["a sign-in rule that is a name", () => store({ signInRule: "admin" }), "ERR_CONFIG_REALM", /signInRule/],
  ["grants that are no function", () => store({ grants: {} }), "ERR_CONFIG_REALM", /grants/],
  [
    "an unknown way for who is not signed in",
    () => store({ notSignedIn: "deny" }),
    "ERR_CONFIG_REALM",
    /notSignedIn: "deny".* "redirect" or "refuse"/,
  ],
]

/** Two that may stand beside each other, up to what the test says. */
function both(a: Changes, b: Changes): () => unknown {
  return () => realms({ a: made("a", a), b: made("b", b) })
}

const ofSeveral: readonly Refused[] = [
  [
    "an Auth whose realm is a mere name",
    () => realms({ a: made("a"), main: createAuth({ ...common(), realm: "main" }) }),
    "ERR_CONFIG_REALM",
    /"main" has no paths\. Write createAuth\(\{ realm: realm\(\{ name: "main"/,
  ],
  [
    "an Auth without any realm",
    () => realms({ main: createAuth(common()) }),
    "ERR_CONFIG_REALM",
    /"main" has no paths/,
  ],
  [
    "one Auth under two names",
    () => {
      const auth = made("a")
      return realms({ a: auth, b: auth })
    },
    "ERR_CONFIG_REALM",
    /pages: "\/a".* a path that is no other area's/,
  ],
  [
    "two realms of one name",
    () => realms({ a: made("a"), b: made("a", { path: "/b", cookieName: "b_token" }) }),
    "ERR_CONFIG_REALM",
    /realms: \["a","a"\].* a name of its own for each/,
  ],
  ["equal areas", both({ path: "/x" }, { path: "/x" }), "ERR_CONFIG_REALM", /"\/x".* no other area's/],
  [
    "areas that are equal up to case",
    both({ path: "/x" }, { path: "/X" }),
    "ERR_CONFIG_REALM",
    /"\/X".* no other area's/,
  ],
  [
    "areas that are equal up to a slash at the end",
    both({ path: "/x" }, { path: "/x/" }),
    "ERR_CONFIG_REALM",
    /"\/x".* no other area's/,
  ],
  [
    "two realms of the whole host",
    both({ path: "/" }, { path: "/" }),
    "ERR_CONFIG_REALM",
    /"\/".* no other area's/,
  ],
  [
    "the pages of one where the API of the other is",
    both({ path: "/x" }, { realm: { api: "/x" } }),
    "ERR_CONFIG_REALM",
    /"\/x".* no other area's/,
  ],
  ...(
    [
      ["one inside of the other", "/", "/b"],
      ["one further inside of the other", "/b/c", "/b"],
    ] as const
  ).map(
    ([where, first, second]): Refused => [
      `one cookie name on overlapping paths: ${where}`,
      both({ path: first, cookieName: "token" }, { path: second, cookieName: "token" }),
      "ERR_CONFIG_REALM",
      /cookie\.name: "token".* a name of its own for each realm, or paths apart/,
    ],
  ),
  ...(["users", "credentials"] as const).map((shared): Refused => {
    const stores = memoryStores()
    return [
      `${shared} that are shared without ${shared === "users" ? "credentials" : "users"}`,
      both({ stores }, { stores: { ...memoryStores(), [shared]: stores[shared] } }),
      "ERR_CONFIG_STORES",
      /"a" and "b" share only one of users and credentials\. .* usersOf/,
    ]
  }),
]

describe.each([
  ["a realm", ofOne],
  ["several realms", ofSeveral],
])("what cannot hold is refused while %s is built, with what to write instead", (_, table) => {
  test.each(table)("%s", (_what, make, code, message) => {
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(expect.objectContaining({ code }))
    expect(make).toThrow(message)
  })
})

const stores = memoryStores()

/** The nearest to what is refused, so that nothing is refused for another reason than it says. */
test.each<readonly [string, () => unknown]>([
  ["an API inside of the pages", () => store({ api: "/store/api" })],
  ["open paths in either area", () => store({ open: ["/store/login", "/api/v1/store/health/*"] })],
  [
    "pages below the cookie's path, and routes below the pages",
    () => made("store", { realm: { pages: "/store/app" }, basePath: "/store/app/auth" }),
  ],
  [
    "a route in the area of the API",
    () => made("store", { path: "/", realm: { pages: "/store", api: "/api" }, basePath: "/api/sign" }),
  ],
  ["a cookie's path with a slash at the end", () => made("store", { path: "/store/" })],
  ["areas inside of each other", both({ path: "/" }, {})],
  ["areas that only begin alike", both({ path: "/x" }, { path: "/xy" })],
  [
    "one cookie name on paths that are apart",
    both({ path: "/x", cookieName: "token" }, { path: "/xy", cookieName: "token" }),
  ],
  ["users and credentials that are shared together", both({ stores }, { stores })],
  ["nothing that is shared", both({}, {})],
])("what holds is built: %s", (_, make) => {
  expect(make).not.toThrow()
})

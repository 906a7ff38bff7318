import { createAuth, opaque } from "@mortise/core"
import { enter } from "@mortise/core/binding"
import { access, allOf, fresh, guard, hasRole, not } from "@mortise/core/guard"
import { memorySessionStore, memoryUserStore } from "@mortise/core/memory"
import { realm, realms } from "@mortise/core/realms"
import { origin, secret } from "./site.mjs"

/**
 * @template Value
 * @typedef {import("@mortise/core").Awaitable<Value>} Awaitable
 */

/**
 * @typedef {import("@mortise/core").AnyAuth} AnyAuth
 * @typedef {import("@mortise/core").Incoming} Incoming
 * @typedef {import("@mortise/core").Principal<object>} Principal
 * @typedef {import("@mortise/core").Rule<StoreClaims>} StoreRule
 * @typedef {ReturnType<typeof realmOf>["auth"]} SingleAuth
 * @typedef {{ role: string, storeCodes: readonly string[] }} StoreClaims
 *
 * @typedef {object} Visit a request as a framework hands it on
 * @property {Record<string, string>} headers
 * @property {string} target
 * @property {string} storeCode what the router has matched
 *
 * @typedef {object} Way one way to check a request
 * @property {string} name
 * @property {string | undefined} beside the way of which it is the rest; undefined for one with nothing below it
 * @property {string} what it does more than that
 * @property {(visit: Visit) => Awaitable<string | undefined>} check whose request it is, undefined for one that does not pass
 * @property {Visit} passes
 * @property {readonly Visit[]} refuses each for a reason of its own
 */

/** What Chrome sends along with a navigation, of which guards look at some. */
const navigation = {
  host: "localhost:3000",
  connection: "keep-alive",
  "upgrade-insecure-requests": "1",
  "user-agent":
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "sec-fetch-site": "same-origin",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "accept-encoding": "gzip, deflate, br, zstd",
  "accept-language": "en-US,en;q=0.9",
}

const page = "/store/orders/4711"
const endpoint = "/api/store/orders/4711"
const path = "/store"

/** A new one each time: rules may keep what they loaded by the request. */
function incomingOf(/** @type {Visit} */ { headers, target, storeCode }) {
  /** @type {Incoming} */
  const incoming = {
    method: "GET",
    target,
    peerAddress: "127.0.0.1",
    header: (name) => headers[name],
    param: (name) => (name === "storeCode" ? storeCode : undefined),
  }
  return incoming
}

/**
 * The ways to check a request of a store's user, from the session alone to the whole of `realms()`.
 *
 * @returns {Promise<Way[]>}
 */
export async function guardWays() {
  const single = realmOf("default")
  const store = realmOf("store", realm({ name: "store", pages: path, api: "/api/store" }))
  const admin = realmOf("admin", realm({ name: "admin", pages: "/admin", api: "/api/admin" }))
  const site = realms({
    store: store.auth,
    admin: admin.auth,
    courier: realmOf("courier", realm({ name: "courier", pages: "/courier", api: "/api/courier" })).auth,
  })

  const roles = allOf(hasRole("store"), not(hasRole("admin")))
  const strict = allOf(hasRole("store"), not(hasRole("admin")), access("storeCode", codesOf), fresh("8h"))

  const owner = await single.signIn("store", Date.now())
  const boss = await single.signIn("admin", Date.now())
  const yesterday = await single.signIn("store", Date.now() - 9 * 3_600_000)
  const storeOwner = await store.signIn("store", Date.now())
  const foreign = await admin.signIn("store", Date.now())

  const passes = byCookie(owner)
  const nobody = byCookie(undefined)
  const tampered = byCookie({ ...owner, token: changed(owner.token) })
  const stranger = [nobody, tampered]
  const inStore = byCookie(storeOwner)
  const atApi = { ...byHeader(storeOwner), target: endpoint }
  const outsiders = [nobody, byCookie({ ...storeOwner, token: changed(storeOwner.token) })]

  const alone = "authenticate"
  const entered = "enter(auth)"
  return [
    {
      ...{ name: alone, beside: undefined, what: "the session alone", passes, refuses: stranger },
      check: authenticated(single.auth),
    },
    {
      ...{ name: "+ guard", beside: alone, what: "signed in, from this site", passes, refuses: stranger },
      check: guarded(single.auth, undefined),
    },
    {
      ...{ name: "+ guard(roles)", beside: alone, what: `the rule ${roles.name}` },
      ...{ passes, refuses: [...stranger, byCookie(boss)], check: guarded(single.auth, roles) },
    },
    {
      ...{ name: "+ guard(roles, access, fresh)", beside: alone, what: `the rule ${strict.name}`, passes },
      refuses: [...stranger, byCookie(boss), byCookie(yesterday), { ...passes, storeCode: "OTHER" }],
      check: guarded(single.auth, strict),
    },
    {
      ...{ name: entered, beside: alone, what: "the way of a binding, one realm without paths" },
      ...{ passes, refuses: stranger, check: entering(single.auth) },
    },
    {
      ...{ name: "enter(auth), guard", beside: entered, what: "and requireSession() on the route" },
      ...{ passes, refuses: stranger, check: entering(single.auth, true) },
    },
    {
      ...{
        name: "enter(site), page",
        beside: entered,
        what: "one of three realms found by its path, guarded",
      },
      ...{ passes: inStore, refuses: [...outsiders, byCookie(foreign)], check: entering(site) },
    },
    {
      ...{ name: "enter(site), API", beside: entered, what: "the same with a token in the header" },
      passes: atApi,
      refuses: [
        { ...inStore, target: endpoint },
        { ...byHeader(foreign), target: endpoint },
        { ...atApi, target: "/api//store/orders/4711" },
      ],
      check: entering(site),
    },
  ]
}

/** @typedef {{ name: string, token: string }} Cookie */

/**
 * @param {Cookie | undefined} cookie
 * @returns {Visit}
 */
function byCookie(cookie) {
  const own = cookie ? `${cookie.name}=${cookie.token}; ` : ""
  return { headers: { ...navigation, cookie: `theme=dark; ${own}lang=en` }, target: page, storeCode: "ACME" }
}

/**
 * @param {Cookie} cookie
 * @returns {Visit}
 */
function byHeader({ token }) {
  return {
    headers: { ...navigation, accept: "application/json", authorization: `Bearer ${token}` },
    target: page,
    storeCode: "ACME",
  }
}

function changed(/** @type {string} */ token) {
  const at = Math.floor(token.length / 2)
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1)
}

/** @type {(principal: import("@mortise/core").Principal<StoreClaims>) => readonly string[]} */
function codesOf({ claims }) {
  return claims.storeCodes
}

/**
 * @param {string} name
 * @param {import("@mortise/core/realms").RealmDefinition<StoreClaims>} [paths]
 */
function realmOf(name, paths) {
  const stores = { users: memoryUserStore(), sessions: memorySessionStore() }
  const cookie = paths ? `__Host-${name}-session` : "__Host-session"
  const at = (/** @type {() => number} */ clock) =>
    createAuth({
      ...{ origin, secret, stores, clock, sessions: opaque(), flows: {}, realm: paths ?? name },
      ...(paths && { basePath: `/${name}/auth` }),
      claims: ({ email }) => ({ role: email?.split("@")[0] ?? "", storeCodes: ["BETA", "ACME", "GAMMA"] }),
    })
  const auth = at(Date.now)

  /**
   * @param {string} role
   * @param {number} time
   * @returns {Promise<Cookie>}
   */
  async function signIn(role, time) {
    const then = at(() => time)
    const email = `${role}@${time}.bench.example`
    const user = await stores.users.create({ email, emailVerifiedAt: null, createdAt: time })
    if (!user) throw new Error(`${email} is taken.`)
    const ticket = await then.sessions.begin(user.id)
    const opened = await then.sessions.open(ticket, user, ["pwd"], {
      address: "127.0.0.1",
      userAgent: "bench",
    })
    if (!opened.ok) throw new Error("A session was not opened.")
    return { name: cookie, token: opened.session.token }
  }

  return { auth, signIn }
}

/**
 * Goes on at once with what is there at once, as bindings do.
 *
 * @template Value, Next
 * @param {Awaitable<Value>} value
 * @param {(value: Value) => Awaitable<Next>} next
 * @returns {Awaitable<Next>}
 */
function andThen(value, next) {
  return value instanceof Promise ? value.then(next) : next(value)
}

/**
 * @param {SingleAuth} auth
 * @returns {Way["check"]}
 */
function authenticated(auth) {
  return (visit) => andThen(auth.authenticate(incomingOf(visit)), ({ principal }) => principal?.userId)
}

/**
 * @param {SingleAuth} auth
 * @param {StoreRule | undefined} rule
 * @returns {Way["check"]}
 */
function guarded(auth, rule) {
  return (visit) => {
    const incoming = incomingOf(visit)
    return andThen(auth.authenticate(incoming), ({ principal }) =>
      andThen(guard(auth, principal, rule, incoming), (refused) => (refused ? undefined : principal?.userId)),
    )
  }
}

/**
 * @param {import("@mortise/core/binding").Door} door
 * @param {boolean} [isGuarded] by the route as well
 * @returns {Way["check"]}
 */
function entering(door, isGuarded = false) {
  return (visit) => {
    const incoming = incomingOf(visit)
    /** @type {AnyAuth | undefined} */
    let auth
    /** @type {Principal | undefined} */
    let principal
    const entered = enter(door, {
      incoming,
      path: incoming.target,
      mounts: undefined,
      bodyOf: () => null,
      keep(owner, found) {
        auth = owner
        principal = found.principal
      },
    })
    return andThen(entered, (kept) => {
      if (kept) return undefined
      if (!isGuarded || !auth) return principal?.userId
      return andThen(guard(auth, principal, undefined, incoming), (refused) =>
        refused ? undefined : principal?.userId,
      )
    })
  }
}

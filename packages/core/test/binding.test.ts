import { describe, expect, test } from "vitest"
import { type Mount, type Mounts, mountOf, requiredMount, ruleOf, withMount } from "../src/binding.js"
import type { AnyAuth } from "../src/index.js"
import { app } from "./app.js"

const auths: Readonly<Record<string, AnyAuth>> = Object.fromEntries(
  ["shop", "admin", "partner"].map((realm) => [realm, app({ auth: { realm } }).auth]),
)
const incoming = { method: "GET", target: "/", header: () => undefined }

/** A mount in one word: `shop:2` is the realm "shop", two segments deep; `shop:*` is one at a pattern. */
function mount(word: string): Mount {
  const [realm = "", depth = ""] = word.split(":")
  const auth = auths[realm]
  if (!auth) throw new Error(`no realm ${realm}`)
  return {
    auth,
    incoming,
    principal: undefined,
    depth: () => (depth === "*" ? Number.POSITIVE_INFINITY : Number(depth)),
  }
}

function mounted(words: readonly string[]): { mounts: Mounts; nameOf: (one: Mount | undefined) => string } {
  const each = words.map(mount)
  const [first, ...later] = each
  if (!first) throw new Error("no mount")
  const mounts = later.reduce<Mounts>(withMount, withMount(undefined, first))
  return { mounts, nameOf: (one) => (one ? (words[each.indexOf(one)] ?? "a stranger") : "nobody") }
}

describe("of several mounts", () => {
  test("a mount may be an object of a class, which asks itself how deep it is", () => {
    class Deep implements Mount {
      readonly auth: AnyAuth
      readonly incoming = incoming
      readonly principal = undefined
      readonly segments: number
      constructor(auth: AnyAuth, segments: number) {
        this.auth = auth
        this.segments = segments
      }
      depth(): number {
        return this.segments
      }
    }
    const [part, pattern] = [new Deep(mount("admin:1").auth, 1), new Deep(mount("shop:1").auth, Infinity)]
    expect(withMount(withMount(undefined, part), pattern).innermost).toBeUndefined()
  })

  // In the order of app.use, with what that order must not change: from the outermost to the innermost, and which counts.
  test.each<[given: string[], all: string[], counts: string]>([
    [["shop:0"], ["shop:0"], "shop:0"],
    [["shop:*"], ["shop:*"], "shop:*"],
    [["shop:0", "admin:1"], ["shop:0", "admin:1"], "admin:1"],
    [["admin:1", "shop:0"], ["shop:0", "admin:1"], "admin:1"],
    [["partner:2", "shop:0", "admin:1"], ["shop:0", "admin:1", "partner:2"], "partner:2"],
    [["admin:10", "shop:9"], ["shop:9", "admin:10"], "admin:10"],
    [["shop:0", "admin:0"], ["shop:0", "admin:0"], "admin:0"],
    [["admin:0", "shop:0"], ["admin:0", "shop:0"], "shop:0"],
    [["admin:1", "partner:1", "shop:0"], ["shop:0", "admin:1", "partner:1"], "partner:1"],
    // A pattern outside of nothing but realms of the whole host is inside of them.
    [["shop:0", "admin:*"], ["shop:0", "admin:*"], "admin:*"],
    [["admin:*", "shop:0"], ["shop:0", "admin:*"], "admin:*"],
    // Beside a part with a realm of its own, or another pattern, nobody can tell.
    [["admin:1", "shop:*"], ["admin:1", "shop:*"], "nobody"],
    [["shop:*", "admin:1"], ["admin:1", "shop:*"], "nobody"],
    [["shop:*", "partner:0", "admin:2"], ["partner:0", "admin:2", "shop:*"], "nobody"],
    [["shop:*", "admin:*"], ["shop:*", "admin:*"], "nobody"],
    [["admin:*", "shop:*"], ["admin:*", "shop:*"], "nobody"],
    // One realm twice is one realm, wherever it stands.
    [["shop:1", "shop:*"], ["shop:1", "shop:*"], "shop:*"],
    [["shop:*", "shop:*"], ["shop:*", "shop:*"], "shop:*"],
    [["shop:*", "shop:1", "admin:1"], ["shop:1", "admin:1", "shop:*"], "nobody"],
  ])("%j are %j, and %s counts", (given, all, counts) => {
    const { mounts, nameOf } = mounted(given)
    expect(mounts.all.map(nameOf)).toEqual(all)
    expect(nameOf(mounts.innermost)).toBe(counts)
  })

  test("equally deep ones are told apart by who came later, though one realm stands there twice", () => {
    const [first, second] = [mount("shop:*"), mount("shop:*")]
    const mounts = withMount(withMount(undefined, first), second)
    expect(mounts.all[0]).toBe(first)
    expect(mounts.innermost).toBe(second)
  })

  test("what was found out before is not written to: a request that left a part sees what stood there", () => {
    const outer = withMount(undefined, mount("shop:1"))
    const before = [...outer.all]
    withMount(outer, mount("admin:0"))
    expect(outer.all).toEqual(before)
    expect(outer.innermost).toBe(before[0])
  })

  // Express knows how deep a mount stands at once, Hono only when the request has been routed.
  test("a depth is asked anew when another mount comes", () => {
    let depth = 0
    const late: Mount = { ...mount("shop:0"), depth: () => depth }
    const alone = withMount(undefined, late)
    depth = 2
    expect(withMount(alone, mount("admin:1")).innermost).toBe(late)
  })
})

describe("mountOf", () => {
  test("finds the mount of a realm, innermost or not", () => {
    const { mounts, nameOf } = mounted(["shop:0", "admin:1"])
    expect(nameOf(mountOf(mounts, mount("shop:0").auth))).toBe("shop:0")
    expect(nameOf(mountOf(mounts, mount("admin:0").auth))).toBe("admin:1")
  })

  test("knows a realm by its Auth, not by its name", () => {
    const { mounts } = mounted(["shop:0"])
    expect(mountOf(mounts, app({ auth: { realm: "shop" } }).auth)).toBeUndefined()
    expect(mountOf(mounts, mount("admin:0").auth)).toBeUndefined()
    expect(mountOf(undefined, mount("shop:0").auth)).toBeUndefined()
  })
})

describe("requiredMount", () => {
  const none = "guard() found no mortise() before it. Write app.use(mortise(auth)) above this route."
  const several = "guard(): several realms are mounted here. Name one: requireSession(rule, { auth })."
  const plain = mounted(["shop:0", "admin:1"])
  const unclear = mounted(["shop:*", "admin:1"])

  test("is the one that counts, or the named one", () => {
    expect(plain.nameOf(requiredMount(plain.mounts, "guard()"))).toBe("admin:1")
    expect(plain.nameOf(requiredMount(plain.mounts, "guard()", auths["shop"]))).toBe("shop:0")
    expect(unclear.nameOf(requiredMount(unclear.mounts, "guard()", auths["shop"]))).toBe("shop:*")
    expect(unclear.nameOf(requiredMount(unclear.mounts, "guard()", auths["admin"]))).toBe("admin:1")
  })

  test.each<[what: string, mounts: Mounts | undefined, realm: string | undefined, message: string]>([
    ["nothing is mounted", undefined, undefined, none],
    ["nothing is mounted, and a realm is named", undefined, "shop", none],
    ["the named realm is not among those mounted", plain.mounts, "partner", none],
    ["the named realm is not among those of which none counts", unclear.mounts, "partner", none],
    ["nobody can tell which counts", unclear.mounts, undefined, several],
  ])("says what to write where %s", (_, mounts, realm, message) => {
    const auth = realm === undefined ? undefined : auths[realm]
    expect(() => requiredMount(mounts, "guard()", auth)).toThrow(new Error(message))
  })
})

describe("ruleOf", () => {
  const rule = (): true => true

  test("no argument lets in whoever is signed in; a function is the rule, whatever comes after it", () => {
    expect(ruleOf([])).toBeUndefined()
    expect(ruleOf([rule])).toBe(rule)
    expect(ruleOf([rule, { auth: auths["shop"] }])).toBe(rule)
  })

  test.each([undefined, null, true, "isSponsor", { rule }])("%j is no rule", (given) => {
    expect(() => ruleOf([given])).toThrow(
      new TypeError("requireSession(rule): no function. Leave it out to let in whoever is signed in."),
    )
    expect(() => ruleOf([given, { auth: auths["shop"] }])).toThrow(TypeError)
  })
})

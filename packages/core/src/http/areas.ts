import type { Standing } from "./boundary.js"
import { pathOf } from "./incoming.js"

/** Where a realm's rule holds. */
export interface Area {
  readonly path: string
  /** Exact paths that need no session, and those that end in `/*` for all that is below. */
  readonly open: readonly string[]
}

/**
 * Segments of letters and marks, none of them a dot segment, with at most one slash at the end. Encoded is only what has no other spelling
 * (RFC 3986 §2.4, §6.2.2): no letter, digit, mark or control, and none of "/", "\", "%", ".", ";".
 */
const canonical =
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[\w\-.~!$&'()*+,=:@[\]|^]|%(?![01][\da-f]|2[def5]|3[\db]|4[1-9a-f]|5[\dacf]|6[1-9a-f]|7[\daef])[\da-f]{2})+)*\/?$/i

/** The usual path: no mark that anybody reads in another way. */
const wordsOnly = /^(?:\/[\w-]+)*\/?$/

/**
 * Says for any target in whose area it lies, if all who might look at it agree. Routers ignore case, decode, cut at `;` or `#`, resolve dots,
 * merge slashes and drop dots at the end of a name, each in its own way and order; so a target that anybody could read as lying in an area is
 * taken only in the one spelling that all read alike, and is `misspelt` otherwise. Of areas within each other the longest counts.
 * What it answers, `told` has said of each area beforehand, since this runs in every request; frozen, since all requests share it.
 */
export function locator<A extends Area, Place>(
  areas: readonly A[],
  told: (area: A, standing: Standing, depth: number) => Place,
): (target: string) => Place | undefined {
  const longestFirst = [...areas].sort((one, other) => other.path.length - one.path.length)
  const places = longestFirst.map((area) => {
    const depth = area.path.split("/").filter(Boolean).length
    const placed = (standing: Standing): Place => Object.freeze(told(area, standing, depth))
    return { open: placed("open"), guarded: placed("guarded"), misspelt: placed("misspelt") }
  })
  const exact = longestFirst.map(({ path }) => rootOf(path))
  const folded = exact.map((root) => root.toLowerCase())
  const words = folded.map(wordsIn)
  const isLower = exact.every((root, index) => root === folded[index])

  /** Which area each reading lies in. */
  function indexesOf(path: string, plain: boolean): readonly number[] {
    return readings(path, plain).map((reading) =>
      words.findIndex((area) => (plain ? beginsWith(reading, area) : contains(reading, area))),
    )
  }

  function located(index: number, path: string): Place | undefined {
    const isPublic = longestFirst[index]?.open.some((one) => isOpen(path, one))
    return places[index]?.[isPublic ? "open" : "guarded"]
  }

  return function locate(target) {
    const path = pathOf(target)
    const here = indexIn(exact, path)
    // Most paths have but one reading.
    const simple = wordsOnly.test(path)
    const plain = simple || canonical.test(path)
    const lower = path.toLowerCase()
    if (simple && lower === path && isLower) return here === -1 ? undefined : located(here, path)
    const read = simple ? [indexIn(folded, lower)] : indexesOf(path, plain)
    const place = places[here] ?? places[read.find((index) => index !== -1) ?? -1]
    if (!place || !plain || read.some((index) => index !== here)) return place?.misspelt
    return located(here, path)
  }
}

function indexIn(roots: readonly string[], path: string): number {
  for (let index = 0; index < roots.length; index++) if (isUnder(path, roots[index] as string)) return index
  return -1
}

/** Whether a path is the area's own, or below it. */
export function isBelow(path: string, area: string): boolean {
  return isUnder(path, rootOf(area))
}

function isUnder(path: string, root: string): boolean {
  return path.startsWith(root) && (path.length === root.length || path[root.length] === "/")
}

/** "" for the whole host. */
export function rootOf(area: string): string {
  return area.endsWith("/") ? area.slice(0, -1) : area
}

/** Whether an entry of `open` means this path. */
function isOpen(path: string, open: string): boolean {
  return open.endsWith("/*") ? path.startsWith(open.slice(0, -1)) : path === open
}

/** The words of a path as it is, and as it is decoded: once where it is canonical, since then nothing in it is encoded twice. */
function readings(path: string, plain: boolean): readonly (readonly string[])[] {
  const found = [wordsIn(path)]
  let text = path
  for (let round = 0; text.includes("%") && round < (plain ? 1 : 4); round++) {
    text = decoded(text)
    found.push(wordsIn(text))
  }
  return found
}

/** What stands between the marks that anybody could take for the end of a segment, with what somebody might not see taken away. */
function wordsIn(text: string): readonly string[] {
  return text
    .replace(unseen, "")
    .toLowerCase()
    .replace(/^[a-z][a-z\d+.-]*:/, "/")
    .split(/[\\/?#;]/)
    .map(undotted)
    .filter((word) => word !== "")
}

/** Not by an expression: on a long row of dots it would start anew at each. */
function undotted(word: string): string {
  let end = word.length
  while (word[end - 1] === ".") end--
  return word.slice(0, end)
}

const unseen = /[\0-\x20\x7f\xa0\ufeff]/g

function beginsWith(words: readonly string[], area: readonly string[]): boolean {
  return area.every((word, index) => words[index] === word)
}

/** In this order, with others in between: whatever is cut, merged or resolved only takes words away. */
function contains(words: readonly string[], area: readonly string[]): boolean {
  let next = 0
  for (const word of words) if (word === area[next]) next++
  return next === area.length
}

/** Each escape by itself: one that is malformed must not keep the others from being seen. */
function decoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

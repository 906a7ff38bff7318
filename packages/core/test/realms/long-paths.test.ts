import { expect, test } from "vitest"
import { locator } from "../../src/http/areas.js"

const length = 150_000
const areas = [
  { path: "/store", open: ["/store/login"] },
  { path: "/admin", open: [] },
]
const locate = locator(areas, ({ path }, standing) => ({ path, standing }))

/** Whoever starts anew at each mark needs the square of the length: half a minute and more. */
test.each([
  ["dots", `/${".".repeat(length)}x`],
  ["dots behind an escape that is none", `/%zz${".".repeat(length)}%41`],
  ["encoded dots", `/%zz${"%2e".repeat(length / 3)}x`],
  ["dots encoded twice", `/%zz${"%252e".repeat(length / 5)}x`],
  ["percent signs encoded over and over", `/%${"25".repeat(length / 2)}2e`],
  ["slashes", `${"/".repeat(length)}x`],
  ["blanks", `/${"%20".repeat(length / 3)}x`],
  ["what could begin a scheme", `${"a".repeat(length)}/`],
  ["short names and an open end", `${"/a".repeat(length / 2)}%`],
])("a long path costs no more than its length: %s", (_, target) => {
  // A machine that is busy with something else may pause in one of three, hardly in all.
  const times = [1, 2, 3].map(() => {
    const began = performance.now()
    expect(locate(target)).toBeUndefined()
    return performance.now() - began
  })
  expect(Math.min(...times)).toBeLessThan(1_000)
})

test("dots in any number hide no area", () => {
  for (const dots of [".".repeat(length), "%2e".repeat(length / 3)]) {
    expect(locate(`/store${dots}/x`)).toMatchObject({ path: "/store", standing: "misspelt" })
  }
})

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
  const began = performance.now()
  const found = locate(target)
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(found).toBeUndefined()
})

test("dots in any number hide no area", () => {
  for (const dots of [".".repeat(length), "%2e".repeat(length / 3)]) {
    expect(locate(`/store${dots}/x`)).toMatchObject({ path: "/store", standing: "misspelt" })
  }
})

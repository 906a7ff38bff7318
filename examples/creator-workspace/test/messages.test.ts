import { expect, test } from "vitest"
import { errorText, noticeText } from "../src/pages/messages.js"

test("what stands in the address is never shown as it stands", () => {
  expect(errorText(undefined)).toBeUndefined()
  for (const planted of ["<b>Call 0900", "constructor", "__proto__", ""]) {
    expect(errorText(planted)).toBe("That did not work. Please try again.")
    expect(noticeText(planted)).toBeUndefined()
  }
})

test("a throttle says how long to wait, if it is a number", () => {
  expect(errorText("rate_limited", "1")).toBe("Too many attempts. Please wait a second.")
  expect(errorText("rate_limited", "59")).toBe("Too many attempts. Please wait 59 seconds.")
  expect(errorText("rate_limited", "61")).toBe("Too many attempts. Please wait 2 minutes.")
  expect(errorText("rate_limited", "1e3")).toBe("Too many attempts.")
})

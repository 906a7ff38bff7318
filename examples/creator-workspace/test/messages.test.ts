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

test.each([
  "oauth_state_mismatch",
  "oauth_denied",
  "oauth_failed",
  "oauth_unavailable",
  "oauth_email_missing",
  "oauth_email_unverified",
  "oauth_account_exists",
  "oauth_link_required",
  "identity_taken",
  "reauthentication_required",
  "last_way_in",
  "registration_closed",
])("%s has words of its own, with and without the provider's name", (reason) => {
  const named = errorText(reason, undefined, "Google") ?? ""
  const unnamed = errorText(reason) ?? ""
  expect(named).not.toBe("That did not work. Please try again.")
  expect(named).not.toMatch(/[{}_]/)
  expect(unnamed).toBe(named.replace("Google", "the provider"))
})

test("what was connected and disconnected is said", () => {
  for (const notice of ["identity_linked", "identity_unlinked"]) expect(noticeText(notice)).toMatch(/\.$/)
})

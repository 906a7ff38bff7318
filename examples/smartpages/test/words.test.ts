import { expect, test } from "vitest"
import { preferredLocale } from "../core/src/pages/preferred-locale.js"
import { isLocale, localeOfPath, locales } from "../words/locale.js"
import { errorWords, noticeWords } from "../words/sign-in-words.js"
import { isWordKey, wordsIn } from "../words/words.js"

test.each([
  ["de-AT,de;q=0.9,en;q=0.8", "de"],
  ["fr,en;q=0.5,de;q=0.7", "de"],
  ["EN-us", "en"],
  ["de;q=0, en;q=0.1", "en"],
  ["de;q=oops", "de"],
  ["fr-FR,fr", "en"],
  ["*", "en"],
  ["", "en"],
  [undefined, "en"],
  [`${"x,".repeat(5000)}de`, "en"],
])("whose browser likes %s reads %s", (acceptLanguage, locale) => {
  expect(preferredLocale(acceptLanguage)).toBe(locale)
})

test("where they want to go decides before what the browser likes", () => {
  expect(preferredLocale("en", "/de/dashboard")).toBe("de")
  expect(preferredLocale("de", "/en")).toBe("en")
  expect(preferredLocale("de", "/dashboard")).toBe("de")
  expect(preferredLocale("de", "//en/x")).toBe("de")
})

test("a path begins with a language or with none", () => {
  expect(localeOfPath("/de/login?x=1")).toBe("de")
  expect(localeOfPath("/en")).toBe("en")
  for (const path of ["", "/", "de/login", "/den", "/constructor/x", "?/de"]) {
    expect(localeOfPath(path)).toBeUndefined()
  }
  expect(isLocale("__proto__")).toBe(false)
})

test("the languages have the same texts, each its own", () => {
  const [first, ...others] = locales.map(wordsIn)
  for (const other of others) {
    expect(Object.keys(other).sort()).toEqual(Object.keys(first ?? {}).sort())
    const same = Object.entries(other).filter(([key, text]) => first?.[key as keyof typeof first] === text)
    expect(same).toEqual([])
  }
  expect(isWordKey("save")).toBe(true)
  expect(isWordKey("constructor")).toBe(false)
  expect(isWordKey(null)).toBe(false)
})

test.each(locales)("what stands in the address is never shown as it stands, in %s", (locale) => {
  const other = errorWords(locale, "nobody foresaw this")
  for (const planted of ["<b>Call 0900", "constructor", "__proto__", "other", ""]) {
    expect(errorWords(locale, planted)).toBe(other)
    expect(noticeWords(locale, planted)).toBeUndefined()
  }
  expect(noticeWords(locale, "signed_out")).toMatch(/\.$/)
})

test.each([
  "invalid_email",
  "link_invalid",
  "link_expired",
  "link_used",
  "link_claim_required",
  "code_invalid",
  "code_expired",
  "code_exhausted",
  "registration_closed",
  "forbidden",
  "conflict",
  "not_signed_in",
  "rate_limited",
  "cross_origin",
  "unavailable",
])("%s has words of its own in every language", (reason) => {
  const texts = locales.flatMap((locale) => [errorWords(locale, reason), errorWords(locale, "?")])
  expect(new Set(texts).size).toBe(2 * locales.length)
})

test("a throttle says how long to wait, if it is a number", () => {
  expect(errorWords("en", "rate_limited", 59)).toMatch(/ Please wait 59 seconds\.$/)
  expect(errorWords("en", "rate_limited", "61")).toMatch(/ Please wait 2 minutes\.$/)
  expect(errorWords("de", "rate_limited", "60")).toMatch(/ Bitte warten Sie 1 Minute\.$/)
  for (const planted of ["1e3", "", "-1", "0", null, undefined]) {
    expect(errorWords("en", "rate_limited", planted)).toBe(errorWords("en", "rate_limited"))
  }
})

import { describe, expect, test } from "vitest"
import { canonicalUsername } from "../src/username.js"

describe("one canonical spelling per name", () => {
  test.each([
    ["ada", "ada"],
    ["  Ada ", "ada"],
    ["ADA.Lovelace-1815", "ada.lovelace-1815"],
    ["_ada", "_ada"],
    ["42", "42"],
    ["full width", "ＡＤＡ９", "ada9"],
    ["half-width katakana", "ｶﾞｳｽ", "ガウス"],
    ["decomposed", "Ame\u0301lie", "amélie"],
    ["a mark that composes with nothing stays a mark", "x\u0301", "x\u0301"],
    ["capital with a dot, lower case in two code points", "\u0130zmir", "i\u0307zmir"],
    ["final sigma, as lower case has it", "ΝΙΚΟΣ", "νικος"],
    ["sharp s is not ss", "Weiß", "weiß"],
    ["Cyrillic", "Ада", "ада"],
    ["Arabic", "آدا", "آدا"],
    ["Devanagari with its marks", "अडा", "अडा"],
    ["Hangul, from its parts", "\u1112\u1161\u11AB", "한"],
    ["Han", "エイダ愛", "エイダ愛"],
    ["64 code points of two units each", "𐐀".repeat(64), "𐐨".repeat(64)],
    // RFC 8265 §3.5, table 1 and table 2, as far as they are for this profile.
    ["juliet", "juliet"],
    ["fussball", "fussball"],
    ["fußball", "fußball"],
    ["π", "π"],
    ["Σ", "σ"],
    ["σ", "σ"],
    ["ς", "ς"],
  ])("%s", (...row) => {
    const [input = "", expected] = row.slice(-2)
    expect(canonicalUsername(input)).toBe(expected)
  })

  test.each([
    ["nothing", ""],
    ["spaces only", "   "],
    ["an e-mail address", "ada@example.com"],
    ["full-width at-sign", "ada＠example.com"],
    ["small at-sign", "ada﹫example.com"],
    ["a space inside (RFC 8265 §3.5)", "foo bar"],
    ["tab outside", "\tada"],
    ["ideographic space outside", "\u3000ada"],
    ["no-break space", "ada\u00A0l"],
    ["line feed", "ada\n"],
    ["NUL", "ada\0"],
    ["delete", "ada\x7F"],
    ["right-to-left override", "\u202Eada"],
    ["left-to-right mark", "ada\u200E"],
    ["isolate", "\u2066ada\u2069"],
    ["zero-width space", "a\u200Bda"],
    ["zero-width joiner", "a\u200Dda"],
    ["zero-width non-joiner", "a\u200Cda"],
    ["word joiner", "a\u2060da"],
    ["soft hyphen", "a\u00ADda"],
    ["byte order mark", "\uFEFFada"],
    ["variation selector", "ada\uFE0F"],
    ["grapheme joiner", "a\u034Fda"],
    ["Hangul filler", "ada\u3164"],
    ["half-width Hangul filler", "ada\uFFA0"],
    ["a lone Hangul part", "ada\u1100"],
    ["half-width Hangul part", "\uFFA1"],
    ["tatweel", "اـدا"],
    ["tag", "ada\u{E0061}"],
    ["a mark in front", "\u0301ada"],
    ["a dot in front", ".ada"],
    ["a path", ".."],
    ["a hyphen in front", "-ada"],
    ["slash", "ada/x"],
    ["backslash", "acme\\ada"],
    ["percent", "ada%"],
    ["star", "*"],
    ["quote", "ada'--"],
    ["LDAP", "*)(uid=*"],
    ["ligature (RFC 8265 §3.5: henryⅣ)", "henry\u2163"],
    ["ligature", "ﬁona"],
    ["superscript", "ada²"],
    ["ordinal", "ªda"],
    ["mathematical letter", "𝐚da"],
    ["circled letter", "ⓐda"],
    ["roman numeral", "ⅳ"],
    ["digraph in title case", "ǅ"],
    ["long s", "Weiſ"],
    ["infinity (RFC 8265 §3.5)", "∞"],
    ["emoji", "ada😀"],
    ["currency", "$ada"],
    ["private use", "\uE000"],
    ["unassigned", "\u0378"],
    ["noncharacter", "\uFDD0"],
    ["half a surrogate pair", "ada\uD83D"],
    ["65 code points", "a".repeat(65)],
    ["a megabyte", "a".repeat(1_000_000)],
    ["many marks", `a${"\u0301".repeat(400)}`],
  ])("%s is refused", (_, input) => expect(canonicalUsername(input)).toBeUndefined())

  test("canonical is a fixed point, for every code point there is, and has nothing in it that is not seen", () => {
    const taken: string[] = []
    for (let point = 0; point <= 0x10ffff; point++) {
      const input = `a${String.fromCodePoint(point)}`
      const name = canonicalUsername(input)
      if (name === undefined) continue
      taken.push(input)
      if (canonicalUsername(name) !== name || name !== name.normalize("NFKC") || name !== name.toLowerCase())
        throw new Error(`U+${point.toString(16)} is ${JSON.stringify(name)}`)
      if (/[@\p{C}\p{Z}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u.test(name))
        throw new Error(`U+${point.toString(16)} was taken.`)
    }
    expect(taken.length).toBeGreaterThan(100_000)
  })
})

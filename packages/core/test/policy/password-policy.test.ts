import { gzipSync } from "node:zlib"
import { dictionary } from "@zxcvbn-ts/language-common"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { commonPasswords } from "../../src/common-passwords.js"
import { ConfigError } from "../../src/errors.js"
import { fold } from "../../src/flows/password/guessable.js"
import { mostCommonPasswords } from "../../src/flows/password/most-common-passwords.js"
import { maxPasswordBytes, normalizePassword, passwordPolicy } from "../../src/flows/password/policy.js"

const policy = passwordPolicy()

/** So many characters that nobody guesses, the same in every run. */
function noise(length: number, alphabet = "bdfhjlnprtvxz2468"): string {
  let state = 7
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647
    return alphabet[state % alphabet.length]
  }).join("")
}

describe("length", () => {
  test.each([
    [0, "password_too_short"],
    [14, "password_too_short"],
    [15, undefined],
    [64, undefined],
    [1024, undefined],
    [1025, "password_too_long"],
  ])("%i characters: %s", async (length, expected) => {
    expect(await policy.check(noise(length), {})).toBe(expected)
  })

  test("is counted in code points at the lower end, and in bytes at the upper", async () => {
    const animals = "🦊🐙🦉🐝🦀🐢🦔🐌🦩🐋🦜🐞🦦🐐🦚"
    expect([...animals]).toHaveLength(15)
    expect(await policy.check(animals, {})).toBeUndefined()
    expect(await policy.check([...animals].slice(0, 14).join(""), {})).toBe("password_too_short")
    expect(await policy.check(`${noise(10)}${noise(507, "äéîöûçñ")}`, {})).toBeUndefined()
    expect(await policy.check(`${noise(11)}${noise(507, "äéîöûçñ")}`, {})).toBe("password_too_long")
  })

  test("counts spaces, at the ends too", async () => {
    expect(await policy.check("   otter lamp  ", {})).toBeUndefined()
  })

  test.each([7, 0, -1, 129, 15.5, Number.NaN, Number.POSITIVE_INFINITY, "15"])(
    "cannot be at least %j",
    (minLength) => {
      const options = { minLength: minLength as number }
      expect(() => passwordPolicy(options)).toThrow(ConfigError)
      expect(() => passwordPolicy(options)).toThrow(/Write .*8 to 128/)
    },
  )

  test.each([8, 128])("can be at least %i", async (minLength) => {
    const strict = passwordPolicy({ minLength })
    expect(await strict.check(noise(minLength - 1), {})).toBe("password_too_short")
    expect(await strict.check(noise(minLength), {})).toBeUndefined()
  })
})

describe("the breach check", () => {
  test("is asked last, once, for the password as it will be hashed", async () => {
    const asked: string[] = []
    const careful = passwordPolicy({
      breached: async (password) => {
        asked.push(password)
        return password.startsWith("leaked")
      },
    })
    for (const [password, expected] of [
      ["short", "password_too_short"],
      ["passwordpassword", "password_common"],
      ["x".repeat(1025), "password_too_long"],
      ["leaked kettle zebra", "password_breached"],
      ["violin kettle zebra", undefined],
    ] as const) {
      expect(await careful.check(password, {})).toBe(expected)
    }
    expect(asked).toEqual(["leaked kettle zebra", "violin kettle zebra"])
  })

  test("that fails is a fault, not an answer", async () => {
    const down = passwordPolicy({ breached: () => Promise.reject(new Error("down")) })
    await expect(down.check("violin kettle zebra", {})).rejects.toThrow("down")
  })
})

describe("normalization", () => {
  test("makes one password of what keyboards compose differently", () => {
    const [composed, decomposed] = ["caf\u00e9 \u1e69 \uac00", "cafe\u0301 s\u0323\u0307 \u1100\u1161"]
    expect(composed).not.toBe(decomposed)
    expect(normalizePassword(decomposed)).toBe(composed)
    expect(normalizePassword(composed)).toBe(composed)
  })

  test.each([
    ["spaces", "  two  spaces  "],
    ["case", "CaSe"],
    ["a NUL", "a\0b"],
    ["a byte order mark", "\ufeffa"],
    ["line ends", "a\r\nb\n"],
    ["what NFKC would fold", "ﬁ ² ｆｕｌｌ №"],
    ["what has no width", "a\u200bb\u00adc\u202ed"],
    ["pairs of surrogates", "😀"],
    ["nothing", ""],
  ])("leaves %s alone", (_what, password) => {
    expect(normalizePassword(password)).toBe(password)
  })

  test("replaces a lone surrogate, and only that, as an encoder would", () => {
    expect(normalizePassword("a\ud800b")).toBe("a\ufffdb")
    expect(normalizePassword("\udc00\ud83d\ude00\ud83d")).toBe("\ufffd😀\ufffd")
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (typed) => {
        const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
        const encoded = decoder.decode(new TextEncoder().encode(typed))
        expect(normalizePassword(typed)).toBe(encoded.normalize("NFC"))
      }),
    )
  })

  test("is the same done twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (typed) => {
        const once = normalizePassword(typed)
        expect(once === undefined ? undefined : normalizePassword(once)).toBe(once)
      }),
    )
  })

  test("gives up above 1,024 bytes, counted after it is done", () => {
    expect(maxPasswordBytes).toBe(1024)
    expect(normalizePassword("x".repeat(1024))).toBe("x".repeat(1024))
    expect(normalizePassword("x".repeat(1025))).toBeUndefined()
    expect(normalizePassword("\u0390".repeat(512).normalize("NFD"))).toBe("\u0390".repeat(512))
    expect(normalizePassword("é".repeat(513))).toBeUndefined()
    // Grows from 2 bytes to 4: a composition exclusion.
    expect(normalizePassword("\u0344".repeat(257))).toBeUndefined()
  })

  test("does not even begin with a megabyte", () => {
    const startedAt = performance.now()
    expect(normalizePassword("e\u0301".repeat(10_000_000))).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe("the list of common passwords", () => {
  const words = mostCommonPasswords.trim().split(/\s+/)

  test("holds base words in small letters, each once, and the most frequent of all", () => {
    expect(words.length).toBe(40)
    expect(words.filter((word) => !/^[a-z]{4,16}$/.test(word))).toEqual([])
    expect(new Set(words).size).toBe(words.length)
    expect(words).toEqual(
      expect.arrayContaining(["password", "qwerty", "dragon", "letmein", "iloveyou", "monkey", "football"]),
    )
  })

  test("costs a bundle less than one kilobyte", () => {
    expect(gzipSync(mostCommonPasswords, { level: 9 }).length).toBeLessThan(1_024)
  })

  test("none of its words makes a password, however it is filled up", async () => {
    const taken: string[] = []
    for (const word of words) {
      for (const password of [`${word}123456789012`, `${word}!?${word}!?${word}!?`, `2026-11-20 ${word}`]) {
        if ((await policy.check(password, {})) !== "password_common") taken.push(password)
      }
    }
    expect(taken).toEqual([])
  })
})

test("folding reads letters out of what stands for them", () => {
  expect(fold("P@55w0rd")).toBe("password")
  expect(fold("|LOVEyou")).toBe(fold("iloveyou"))
  expect(fold("Zürich")).toBe(fold("zurich"))
  expect(fold("ｑｗｅｒｔｙ")).toBe("qwerty")
})

describe("the longer list, for shorter passwords", () => {
  const lenient = passwordPolicy({ minLength: 8 })
  const strict = passwordPolicy({ minLength: 8, words: commonPasswords })

  test("has every word of the short one, and three thousand in all", () => {
    expect(commonPasswords.length).toBe(3000)
    const listed = new Set(commonPasswords)
    expect(
      mostCommonPasswords
        .trim()
        .split(/\s+/)
        .filter((word) => !listed.has(word)),
    ).toEqual([])
  })

  test("refuses most of the thousand most common passwords that are long enough", async () => {
    const common = dictionary["passwords-common"].slice(0, 1000).filter((password) => password.length >= 8)
    const refusedBy = async (policy: typeof strict): Promise<number> => {
      const answers = await Promise.all(common.map((password) => policy.check(password, {})))
      return answers.filter((answer) => answer === "password_common").length / common.length
    }
    expect(await refusedBy(strict)).toBeGreaterThan(0.97)
    expect(await refusedBy(lenient)).toBeLessThan(0.5)
  })

  test("takes a phrase", async () => {
    expect(await strict.check("correct horse battery staple", {})).toBeUndefined()
  })
})

import { describe, expect, test } from "vitest"
import { passwordPolicy } from "../../src/flows/password/policy.js"

const single = passwordPolicy({ words: ["Mortise", "Acme Garden Centre"] })
const second = passwordPolicy({ minLength: 8 })
const email = "jane.doe@example.com"

// All at least 15 code points long.
const guessable = [
  // a repetition
  "aaaaaaaaaaaaaaa",
  "....................",
  "abababababababab",
  "xkcd xkcd xkcd xkcd",
  "passwordpassword",
  "PasswordPasswordPass",
  "password password",
  "hunter2hunter2hunter2",
  "kestrel1kestrel2kestrel3",
  "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
  "пароль пароль пароль",
  "bla-bla-bla-bla-bla-",
  // a walk over keyboard, alphabet or digits
  "123456789012345",
  "987654321098765",
  "112233445566778899",
  "111111111111112",
  "abcdefghijklmno",
  "ZYXWVUTSRQPONML",
  "abcdefgh12345678",
  "qwertyuiopasdfgh",
  "poiuytrewqlkjhgf",
  "qwertzuiopasdfgh",
  "azertyuiopqsdfgh",
  "1qaz2wsx3edc4rfv",
  "zaq12wsxcde34rfv",
  "!QAZ@WSX#EDC$RFV",
  "1q2w3e4r5t6y7u8i",
  "1a2b3c4d5e6f7g8h",
  "a1s2d3f4g5h6j7k8",
  "!@#$%^&*()!@#$%",
  "qwerty1234567890",
  // a common word, dressed up
  "password1234567",
  "Password2026!!!",
  "P@ssw0rd12345678",
  "p4$$w0rd-2026-11",
  "!!!!password!!!!!",
  "...123password321...",
  "pässwörd1234567",
  "ｐａｓｓｗｏｒｄ2026!!!",
  "iloveyou3000!!!",
  "1loveyou1234567",
  "letmeinletmein1!",
  "trustno1trustno1!",
  "Summer2026Summer",
  "monkey1monkey2monkey3",
  "dragon20011986!!",
  "mypassword12345!",
  "abcdefgh-password",
  "iloveyoupassword",
  "welcome_welcome_2026",
  // the visitor's own address, and what the host is called
  "jane.doe1234567",
  "JaneDoeJaneDoe1",
  "jane.doe@example.com",
  "j4ne-d0e-12345678",
  "doe.jane.1987.11",
  "mortise12345678",
  "M0rt1se-2026-11!",
  "acmeacme2026acme!",
  "gardengarden2026",
  "Acme Garden Centre",
  "dragon2acme!!!!!!",
]

const good = [
  "correct horse battery staple",
  "correcthorsebatterystaple",
  "purple dragon monkey shadow",
  "violet otter 7 kettle",
  "my dog eats two shoes",
  "The quick brown fox jumps",
  "kitchen-lamp-42-river",
  "abacus unwashed trilogy",
  "password is taco tuesday",
  "I never liked my piano",
  "summer in the old garden",
  "zebra kiwi anchor 12345",
  "Ceci n'est pas une pipe",
  "Schöne Grüße aus Köln",
  "Der Ball ist rund und",
  "съешь ещё этих булок",
  "これは長いパスワードですよね本当に",
  "암호는 길수록 더 안전합니다",
  "كلمة المرور الطويلة أفضل",
  "x7#kQ9!vR2@mZ5$wL",
  "fJ8wLq2ZrT5nXb7",
  "9f86d081884c7d65",
  "840271936582047",
  "3141-2718-1414-1732-5772",
  "550e8400-e29b-41d4-a716",
  "qm3Tz-8vWkP-x2LrB",
  "  w x r u b n k e  ",
  "😀🎲🦊🌵🎻🚲🧭🍋🛶🧲🪁🎈🔭🧶🥁",
  "tab\there and\0there too",
  "walked the janet doerr path",
  "mortise and tenon joinery",
  "the acme of perfection",
]

describe("with fifteen characters", () => {
  test.each(guessable)("%j is easy to guess", async (password) => {
    expect([...password].length).toBeGreaterThanOrEqual(15)
    expect(await single.check(password, { email })).toBe("password_common")
  })

  test.each(good)("%j is taken", async (password) => {
    expect([...password].length).toBeGreaterThanOrEqual(15)
    expect(await single.check(password, { email })).toBeUndefined()
  })
})

describe("with eight characters, beside a second factor", () => {
  test.each([
    ...["password", "Password1", "passw0rd", "12345678", "qwertyui", "qwerty123", "1q2w3e4r", "1qaz2wsx"],
    ...["iloveyou", "letmein1", "dragon12", "sunshine", "football!", "abcd1234", "aaaaaaaa", "abcabcab"],
    ...["trustno1", "superman1", "michelle", "superman99", "!@#$%^&*", "monkey!!", "zxcvbnm1", "11223344"],
  ])("%j is easy to guess", async (password) => {
    expect(await second.check(password, { email })).toBe("password_common")
  })

  test.each(["fJ8wLq2Z", "kestrel-otter", "two pianos", "grün&blau", "9c1f7e2b", "тихий омут"])(
    "%j is taken",
    async (password) => {
      expect(await second.check(password, { email })).toBeUndefined()
    },
  )
})

test("what is refused for one user is taken for another", async () => {
  const password = "Quetzalcoatl-2026"
  expect(await single.check(password, { email: "quetzalcoatl@example.com" })).toBe("password_common")
  expect(await single.check(password, { email })).toBeUndefined()
  expect(await single.check(password, {})).toBeUndefined()
})

test("without an address nothing is taken for one", async () => {
  expect(await single.check("jane.doe-kettle", { email: "" })).toBeUndefined()
  expect(await single.check("jane.doe-kettle", { email: "@" })).toBeUndefined()
})

test("the longest password that is taken is judged in no time", async () => {
  const startedAt = performance.now()
  for (const piece of ["a1", "password", "qwerty", "x7#kQ9!vR2@", `${"ab".repeat(300)}c`, "jane.doe@"]) {
    await single.check(piece.repeat(1024).slice(0, 1024), { email })
  }
  // Eighteen letters each, once taken apart.
  await single.check(`${"ﷺ".repeat(340)}abcd`, { email })
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})

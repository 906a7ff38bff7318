/** Looks up a word that {@link fold} has been applied to. */
export type KnownWord = (folded: string) => boolean

// Digits and signs, and under each the letter that it stands for.
const signs = "43@1!|i05$7+"
const meant = "aeallllosstt"

// Three rows of keys under each other, eleven wide, for the keyboards of most of our users.
const keyboards = [
  "1234567890-qwertyuiop[asdfghjkl;'zxcvbnm,./",
  "!@#$%^&*()_qwertzuiop[asdfghjkl;'yxcvbnm,.-",
  "1234567890-azertyuiop[qsdfghjklm;wxcvbn,.:/",
]

/** What a word is looked up as: lower case, without accents, digits and signs that stand for letters read as those (i and l are one). */
export function fold(text: string): string {
  return plain(text).replace(/[43@1!|i05$7+]/g, (sign) => meant[signs.indexOf(sign)] ?? sign)
}

/**
 * Whether a password is no more than a repetition of something shorter than `minLength`, a walk over the keyboard, the alphabet or the
 * digits, or at most two known words with next to nothing around them but digits, signs and walks. Three different words are a passphrase.
 * An upper bound of a guesser's effort is not computed: the list is short, so what passes may still be weak.
 */
export function isGuessable(password: string, minLength: number, known: KnownWord): boolean {
  // Compatibility forms can be eighteen times as long, and nothing guessable needs so many characters.
  const text = plain(password).slice(0, 256)
  const letters = text.replace(/\P{L}/gu, "")
  const wordy = letters.length * 2 >= text.length
  if (repeats(text, minLength) || (wordy && repeats(letters, minLength))) return true
  return isExplained(text, known) || isTwoWalks(text)
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
}

/** Whether the text is made of one part shorter than `minLength`, at least about twice; the last one may be cut off. */
function repeats(text: string, minLength: number): boolean {
  for (let part = 1; part < minLength && part * 2 <= text.length + 1; part++) {
    if (text.startsWith(text.slice(part))) return true
  }
  return false
}

/** Whether little is left once known words and walks are taken out: fewer than five letters beside a word, or a quarter of a walk. */
function isExplained(text: string, known: KnownWord): boolean {
  const folded = fold(text)
  const words = new Set<string>()
  let rest = ""
  for (let at = 0; at < text.length; ) {
    const word = wordAt(text, folded, at, known)
    const walk = walkAt(text, at)
    if (word.length > 0 && word.length >= walk) words.add(word)
    else if (walk < 3) rest += text[at]
    at += Math.max(word.length, walk < 3 ? 1 : walk)
  }
  if (words.size === 0) return rest.length * 4 < text.length
  return words.size <= 2 && rest.replace(/\P{L}/gu, "").length < 5
}

/** `1a2b3c4d`: every second character is a walk, and so are the others. */
function isTwoWalks(text: string): boolean {
  return [/(.)./gsu, /.(.?)/gsu].every((every) => isExplained(text.replace(every, "$1"), () => false))
}

/** The longest known word that begins here, of 3 to 64 characters of which two are written as letters; or "". */
function wordAt(text: string, folded: string, at: number, known: KnownWord): string {
  for (let end = Math.min(text.length, at + 64); end >= at + 3; end--) {
    const word = folded.slice(at, end)
    if (known(word) && /\p{L}.*\p{L}/su.test(text.slice(at, end))) return word
  }
  return ""
}

/** How many characters from here on are each the same as, or a neighbour of, the one before. */
function walkAt(text: string, start: number): number {
  let end = start + 1
  while (end < text.length && areNeighbours(text[end - 1] ?? "", text[end] ?? "")) end++
  return end - start
}

function areNeighbours(a: string, b: string): boolean {
  if (a === b || (/^[a-z0-9]{2}$/.test(a + b) && areNext(a.charCodeAt(0), b.charCodeAt(0)))) return true
  return keyboards.some((keys) => {
    const [from, to] = [keys.indexOf(a), keys.indexOf(b)]
    return (
      from >= 0 &&
      to >= 0 &&
      areNext(from % 11, to % 11) &&
      areNext(Math.floor(from / 11), Math.floor(to / 11))
    )
  })
}

function areNext(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1
}

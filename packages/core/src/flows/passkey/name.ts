/** Code points of a passkey's name. */
const longest = 64
const unnamed = "Passkey"

/**
 * A name as it is kept: in one normal form, without control and formatting characters (which could turn a line's order around), at most 64
 * characters. Whoever shows it escapes it all the same.
 */
export function passkeyName(given: string | undefined): string {
  const plain = (given ?? "")
    .slice(0, 1024)
    .normalize("NFC")
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\s+/gu, " ")
    .trim()
  return [...plain].slice(0, longest).join("").trim() || unnamed
}

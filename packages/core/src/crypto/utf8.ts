/** A text's UTF-8 bytes; half a surrogate pair becomes U+FFFD. */
export const utf8: TextEncoder = new TextEncoder()

/**
 * Where mail to an address probably ends up: without what follows a "+", and at Google without dots. For counting alone, so that aliases do not make
 * one person's mailbox a hundred; what is looked up and mailed is the address itself. Only aliases are counted so, or whoever asks for
 * them would use up what the plain address needs.
 */
export function mailboxOf(email: string): string {
  const [local = "", domain = ""] = email.split("@")
  const [plain = ""] = local.split("+")
  return `${/^(?:gmail|googlemail)\.com$/.test(domain) ? plain.replaceAll(".", "") : plain}@${domain}`
}

import type { MagicLinkMail } from "../../src/mail.js"

/** What must reach the owner of the mailbox and nobody else; no fault may repeat any of it. */
export const canaries = {
  token: "canary-token-9f8e7d6c5b4a",
  code: "86429753",
  address: "ada.canary@example.com",
  apiKey: "re_canary_5b1f09d3",
  password: "canary-smtp-password-71c2",
}

/** A sign-in mail as the flow hands it over, but for what is changed. */
export function signInMail(
  changes: Partial<MagicLinkMail<string, unknown>> = {},
): MagicLinkMail<"en" | "de"> {
  return {
    to: canaries.address,
    url: `https://app.example.com/auth/magic-link/confirm?token=${canaries.token}&lang=en`,
    code: canaries.code,
    locale: "en",
    expiresAt: Date.UTC(2026, 10, 21, 16, 50, 30),
    metadata: undefined,
    ...changes,
  } as MagicLinkMail<"en" | "de">
}

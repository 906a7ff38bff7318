/*
 *  Visitor, proven by something else      passkey factor            challenges    credentials
 *     │ what can I answer with?               │ 1 which passkeys? (held)     │            │
 *     ├──────────────────────────────────────▶│ 2 a challenge for this attempt ─▶│            │
 *     │  options                              │                              │            │
 *     │◀──────────────────────────────────────┤                              │            │
 *     │ credential                            │ 3 take the challenge ────────▶│            │
 *     ├──────────────────────────────────────▶│ 4 is it this user's passkey? ───────────▶│
 *     │                                       │ 5 check the answer           │            │
 *     │  methods, or why not                  │ 6 write the counter ────────────────────▶│
 *     │◀──────────────────────────────────────┤                              │            │
 */
import { refuse } from "../../outcome.js"
import type { Credential, Stores } from "../../stores/ports.js"
import type { Factor, FactorAnswer, FactorAttempt, FactorVerdict } from "../factor.js"
import type { FlowKit } from "../flow.js"
import { assertionIn } from "./answer.js"
import { useIn } from "./ceremony.js"
import { passkeyChallenges } from "./challenges.js"
import { methodsOf } from "./methods.js"
import { requestOptions } from "./options.js"
import type { RelyingParty, UserVerification } from "./relying-party.js"
import { passkeyIn, passkeysIn } from "./stored-passkey.js"

/** The slots that a passkey takes as a second factor. */
export type PasskeyFactorSlots = "credentials" | "challenges"

/** The factor with every option decided. */
export interface PasskeyFactorSettings {
  readonly rp: RelyingParty
  readonly userVerification: UserVerification
}

/**
 * Passkeys and security keys as a second factor. Whatever was registered counts, be it made to sign in by or not; after a sign-in by a passkey
 * another is no second factor, since both may lie in one authenticator.
 */
export function passkeyAsFactor(
  {
    clock,
    realm,
    stores,
  }: Pick<FlowKit<PasskeyFactorSlots>, "clock" | "realm"> & {
    readonly stores: Pick<Stores, PasskeyFactorSlots>
  },
  { rp, userVerification }: PasskeyFactorSettings,
): Factor {
  const passkeys = passkeysIn(stores.credentials, clock)
  const pending = passkeyChallenges(stores.challenges, clock, realm)

  async function verify({ id, user }: FactorAttempt, answer: FactorAnswer): Promise<FactorVerdict> {
    // 3 take the challenge
    const asserted = assertionIn(answer)
    const taken = asserted && (await pending.take("factor", boundTo(user.id, id), asserted.challenge))
    if (!asserted || taken === undefined) return { cause: "passkey_invalid" }
    // 4 is it this user's passkey?
    const held = await passkeys.find(asserted.id)
    if (held?.credential.userId !== user.id) return { cause: "not_enrolled" }
    const { userHandle } = asserted.response
    if (userHandle !== undefined && userHandle !== held.stored.userHandle) return { cause: "passkey_invalid" }
    // 5 check the answer
    const used = await useIn(asserted, held.stored, rp, userVerification === "required")
    if (!used) return { cause: "passkey_invalid" }
    // 6 write the counter
    const noted = await passkeys.noteUse(held, used)
    if (noted === "noted") return { methods: methodsOf(held.stored, used) }
    return { cause: noted === "copied" ? "passkey_copied" : "not_enrolled" }
  }

  return {
    kind: "passkey",
    asksForMore: true,
    sameAs: ["hwk", "swk"],
    isHeldBy: (_, held) => held.some(isPasskey),
    async begin({ held, id, user }) {
      // 1 which passkeys?
      const mine = held.map(passkeyIn).filter((one) => one !== undefined)
      if (mine.length === 0) return refuse("factor_unavailable")
      // 2 a challenge for this attempt
      const challenge = await pending.issue("factor", boundTo(user.id, id))
      return { ok: true, json: { options: requestOptions(challenge, rp, userVerification, mine) } }
    },
    verify,
  }
}

/** A challenge is good for the attempt that asked for it alone. */
function boundTo(userId: string, attemptId: string): string {
  return `${userId} ${attemptId}`
}

function isPasskey(credential: Credential): boolean {
  return passkeyIn(credential) !== undefined
}

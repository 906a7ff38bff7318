import { sha256 } from "#primitives"
import type { ProofFault } from "../../events.js"
import type { GuardedRequest } from "../../guarded-request.js"
import type { SessionKit } from "../session.js"
import { checkProof, type Proof, proofWindow, tokenDigest } from "./dpop.js"

/** What a proof must fit to. */
export interface ProofDemand {
  /** The key that session or family are bound to; undefined where one is being bound. */
  readonly thumbprint?: string | undefined
  /** The access token that came with it, which it must name; undefined where none is presented. */
  readonly accessToken?: string | undefined
}

/** The proofs of possession that come with requests. */
export interface PresentedProofs {
  /** The proof, right in itself, or why it is none. Uses nothing up. */
  look(request: GuardedRequest | undefined): Promise<Proof | ProofFault>
  /** The proof, if it fits and was not used before: of all requests in the world that carry it, one. */
  accept(request: GuardedRequest | undefined, demand: ProofDemand): Promise<Proof | ProofFault>
}

/** Used proofs are remembered for so long beyond their window: the clocks of two servers may be apart. */
const skew = 60

export function presentedProofs<C extends object>({
  clock,
  origin,
  realm,
  stores,
}: SessionKit<"challenges", C>): PresentedProofs {
  // One request is read more than once, by a guard and then by a step: it is still one use.
  const looked = new WeakMap<GuardedRequest, Promise<Proof | ProofFault>>()
  const spent = new WeakMap<GuardedRequest, Promise<boolean>>()

  function look(request: GuardedRequest | undefined): Promise<Proof | ProofFault> {
    if (!request) return Promise.resolve("missing")
    return kept(looked, request, () => checkProof(request, origin, clock()))
  }

  function spend({ id, issuedAt, thumbprint }: Proof): Promise<boolean> {
    const key = `dpop:${realm}:${sha256(`${thumbprint}.${id}`)}`
    return stores.challenges.add(key, "", (Math.ceil(issuedAt) + proofWindow + skew) * 1000)
  }

  return {
    look,
    async accept(request, { accessToken, thumbprint }) {
      const proof = await look(request)
      if (typeof proof === "string" || !request) return proof
      if (thumbprint !== undefined && proof.thumbprint !== thumbprint) return "wrong_key"
      // RFC 9449 §4.3, 12: whoever has seen a proof for one token cannot use it with another.
      if (accessToken !== undefined && proof.accessToken !== tokenDigest(accessToken)) return "wrong_token"
      // Last, so that only whoever holds a token of ours can make a store remember anything.
      return (await kept(spent, request, () => spend(proof))) === true ? proof : "replayed"
    },
  }
}

function kept<Value>(
  by: WeakMap<GuardedRequest, Promise<Value>>,
  request: GuardedRequest,
  make: () => Promise<Value>,
): Promise<Value> {
  const known = by.get(request)
  if (known) return known
  const made = make()
  by.set(request, made)
  return made
}

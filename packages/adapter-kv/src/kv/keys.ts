import type { EpochMs } from "@mortise/core"
import { MalformedDataError } from "../malformed-data-error.js"

/** A session id in a user's index, and when that session is over in any case. */
export interface ListedSession {
  readonly id: string
  readonly until: EpochMs
}

/** One revocation of all the user's sessions but `spared` (an id, or ""). */
export interface Revocation {
  readonly epoch: number
  readonly spared: string
}

/** Where everything lies, under one prefix. See the key table in the README. */
export interface Keys {
  body(id: string): string
  seen(id: string): string
  ended(id: string): string
  lastRevocation(owner: string): string
  revocation(owner: string, revocation: Revocation): string
  /** What the names of all the user's revocations begin with. */
  revocationsOf(owner: string): string
  readRevocation(name: string): Revocation
  listed(owner: string, session: ListedSession): string
  /** What the names of all the user's sessions begin with. */
  listedOf(owner: string): string
  readListed(name: string): ListedSession
}

/**
 * The value of keys whose presence says all. Not empty: an empty value that somewhere between here and the centre passes for none
 * would bring back what has ended.
 */
export const present = "1"

const wellFormedPrefix = /^[!-~]{0,64}$/
const sessionId = /^[\w-]{22}$/

/** Whether this can be a session's id. What cannot is not looked up: an id arrives from outside, in any length. */
export function isSessionId(id: string): boolean {
  return sessionId.test(id)
}

/**
 * Names of keys under a prefix; with any prefix they stay under KV's 512 bytes. What is in a name is read by
 * listing, without reading a value.
 * @throws RangeError if the prefix is not at most 64 characters of printable ASCII without spaces
 */
export function keysUnder(prefix: string): Keys {
  if (!wellFormedPrefix.test(prefix)) {
    throw new RangeError(
      'kvSessions: prefix must be up to 64 printable ASCII characters, no space, as "mortise:" is.',
    )
  }
  return {
    body: (id) => `${prefix}session:${id}`,
    seen: (id) => `${prefix}seen:${id}`,
    ended: (id) => `${prefix}ended:${id}`,
    lastRevocation: (owner) => `${prefix}epoch:${owner}`,
    revocation: (owner, { epoch, spared }) => `${prefix}revoked:${owner}:${epoch}:${spared}`,
    revocationsOf: (owner) => `${prefix}revoked:${owner}:`,
    readRevocation(name) {
      const [, epoch, spared = ""] = /:(\d+):([\w-]*)$/.exec(name) ?? []
      if (epoch === undefined) throw malformedName()
      return { epoch: Number(epoch), spared }
    },
    listed: (owner, { id, until }) => `${prefix}user:${owner}:${id}:${until}`,
    listedOf: (owner) => `${prefix}user:${owner}:`,
    readListed(name) {
      const [, id, until] = /:([\w-]{22}):(\d+)$/.exec(name) ?? []
      if (id === undefined) throw malformedName()
      return { id, until: Number(until) }
    },
  }
}

/**
 * A user in a key: SHA-256 of the id's UTF-16 units, so that ids of any text and length fit, no id is the
 * beginning of another, and half characters, which UTF-8 cannot carry, do not turn two users into one.
 */
export async function ownerOf(userId: string): Promise<string> {
  const units = Uint16Array.from({ length: userId.length }, (_, index) => userId.charCodeAt(index))
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", units))
  return btoa(String.fromCharCode(...digest))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")
}

function malformedName(): MalformedDataError {
  return new MalformedDataError("A key under this prefix has a name that Mortise did not give.")
}

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"
import { almanac, createAlmanacAuth, type Differently } from "../auth/auth"
import type { Settings } from "../settings"

/** A token for this user from another server of ours, which differs in this. Undefined if that server would open no session. */
export async function mint(userId: string, differently: Differently = {}): Promise<string | undefined> {
  const { settings, stores } = almanac()
  const user = await stores.members.find(userId)
  if (!user) return undefined
  const { sessions } = createAlmanacAuth(settings, stores, differently)
  const opened = await sessions.open(await sessions.begin(userId), user, ["fed"], {})
  return opened.ok ? opened.session.token : undefined
}

/** The token with one letter of its last part changed: not the very last, of which some bits mean nothing. */
export function tampered(token: string): string {
  const at = token.lastIndexOf(".") + 5
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1)
}

/** What the token says, under another key. */
export function signedBySomebodyElse(token: string): string {
  const { privateKey } = generateKeyPairSync("ed25519")
  return signedAgain(token, { kid: randomBytes(12).toString("base64url"), alg: "EdDSA" }, privateKey)
}

/** What the token says, under our own key, as a token of another type. */
export function ofAnotherType(token: string, { jwtKey }: Settings): string {
  return signedAgain(token, { typ: "at+jwt" }, createPrivateKey(jwtKey ?? ""))
}

/** RFC 7515, section 3.1, by hand: nothing of the library would sign it. */
function signedAgain(token: string, changes: object, key: KeyObject): string {
  const [header = "", payload = ""] = token.split(".")
  const changed = { ...JSON.parse(Buffer.from(header, "base64url").toString()), ...changes }
  const signed = `${Buffer.from(JSON.stringify(changed)).toString("base64url")}.${payload}`
  return `${signed}.${sign(null, Buffer.from(signed), key).toString("base64url")}`
}

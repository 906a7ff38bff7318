import assert from "node:assert/strict"
import type { Credential, CredentialKind, CredentialStore } from "../../stores/ports.js"
import { type Check, check, type OwnedBench, sorted } from "../check.js"
import { credentialRecord } from "../fixtures.js"

/** Two credential stores on one backing store, and a way to make their users. */
export type CredentialBench = OwnedBench<CredentialStore>

const kinds: readonly CredentialKind[] = ["password", "identity", "totp", "passkey", "recovery_code"]

/** Inserts a credential that must be accepted, and answers it. */
export async function inserted(store: CredentialStore, overrides: Partial<Credential>): Promise<Credential> {
  const credential = credentialRecord(overrides)
  assert.equal(await store.insert(credential), true, "insert of a free (kind, handle)")
  return credential
}

/** A handle that no other check uses. */
export function randomHandle(): string {
  return `https://issuer.example|${crypto.randomUUID()}`
}

/** What each method of a {@link CredentialStore} answers while nobody interferes. */
export const credentialRecordChecks: readonly Check<CredentialBench>[] = [
  check("unknown credentials are absent", async ({ a, newUserId }) => {
    const stranger = credentialRecord({ userId: await newUserId() })
    for (const handle of [stranger.handle, "", "it's; --", "__proto__"]) {
      assert.equal(await a.find("password", handle), undefined)
      assert.equal(await a.delete("password", handle), false)
    }
    assert.equal(await a.replace({ ...stranger, revision: 1 }, 0), false)
    assert.equal(await a.find("password", stranger.handle), undefined, "a refused replace creates nothing")
    assert.deepEqual(await a.listByUser(stranger.userId), [])
    assert.equal(await a.deleteByUser(stranger.userId), 0)
    assert.deepEqual(await a.listByUser(crypto.randomUUID()), [], "an unknown user has none")
    assert.equal(await a.deleteByUser(crypto.randomUUID()), 0)
  }),

  check(
    "a credential inserted through one instance is found through the other, field by field",
    async (bench, clock) => {
      const { a, b, newUserId } = bench
      const userId = await newUserId()
      const run = crypto.randomUUID()
      const handles = [
        run,
        `${run}|it's "x" \\ %`,
        `${run} é🔐`,
        `${run}-Case`,
        `${run}-case`,
        run.padEnd(1_400, "x"),
      ]
      const secrets = ["", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "é 🔐 \n '\"\\", "x".repeat(8_192)]
      const credentials: Credential[] = []
      for (const [index, handle] of handles.entries()) {
        const secret = secrets[index % secrets.length] ?? ""
        const times = { createdAt: clock() - index, changedAt: clock() + index }
        credentials.push(await inserted(a, { kind: "identity", handle, userId, secret, ...times }))
      }
      for (const credential of credentials)
        assert.deepEqual(await b.find("identity", credential.handle), credential)
      assert.deepEqual(byHandle(await b.listByUser(userId)), byHandle(credentials))
    },
  ),

  check(
    "(kind, handle) is unique: a second insert is refused and changes nothing",
    async ({ a, b, newUserId }) => {
      const handle = randomHandle()
      const first = await inserted(a, { kind: "identity", handle, userId: await newUserId() })
      assert.equal(await b.insert({ ...first, secret: "other" }), false, "same user")
      const otherId = await newUserId()
      assert.equal(await b.insert({ ...first, userId: otherId }), false, "another user")
      assert.deepEqual(await a.find("identity", handle), first)
      assert.deepEqual(await a.listByUser(otherId), [], "a refused insert leaves nothing with the other user")
    },
  ),

  check("one handle may be used once in each kind", async ({ a, b, newUserId }) => {
    const userId = await newUserId()
    const handle = randomHandle()
    const all: Credential[] = []
    for (const kind of kinds) all.push(await inserted(a, { kind, handle, userId, secret: `of ${kind}` }))
    for (const credential of all) assert.deepEqual(await b.find(credential.kind, handle), credential)
    assert.equal(await b.delete("totp", handle), true)
    const left = all.filter((credential) => credential.kind !== "totp").map((credential) => credential.kind)
    assert.deepEqual(sorted((await a.listByUser(userId)).map((credential) => credential.kind)), sorted(left))
  }),

  check("replace stores the next revision only over the expected one", async ({ a, b, newUserId }, clock) => {
    const first = await inserted(a, { userId: await newUserId() })
    const second = { ...first, secret: "second", revision: 1, changedAt: clock() + 9 }
    assert.equal(await b.replace(second, 1), false, "the stored revision is 0, not 1")
    assert.deepEqual(await a.find("password", first.handle), first, "a refused replace changes nothing")
    assert.equal(await b.replace(second, 0), true)
    assert.deepEqual(await a.find("password", first.handle), second)
    assert.equal(await a.replace({ ...first, revision: 1 }, 0), false, "revision 0 is past")
    assert.deepEqual(await b.listByUser(first.userId), [second], "one entry, the latest revision")
  }),

  check("replace never moves a credential to another user or another creation time", async (bench) => {
    const { a, b, newUserId } = bench
    const first = await inserted(a, { userId: await newUserId() })
    const thiefId = await newUserId()
    await b.replace({ ...first, userId: thiefId, createdAt: 1, revision: 1 }, 0).catch(() => false)
    const stored = (await a.find("password", first.handle)) ?? assert.fail("the credential vanished")
    assert.equal(stored.userId, first.userId)
    assert.equal(stored.createdAt, first.createdAt)
    assert.deepEqual(await a.listByUser(thiefId), [])
    assert.deepEqual(await a.listByUser(first.userId), [stored])
  }),

  check(
    "delete removes one credential, once, and replace does not bring it back",
    async ({ a, b, newUserId }) => {
      const userId = await newUserId()
      const credential = await inserted(a, { userId })
      const other = await inserted(a, { kind: "totp", userId })
      assert.equal(await b.delete("password", credential.handle), true)
      assert.equal(await a.delete("password", credential.handle), false)
      assert.equal(await a.replace({ ...credential, revision: 1 }, 0), false)
      assert.equal(await a.find("password", credential.handle), undefined)
      assert.deepEqual(await b.listByUser(userId), [other])
      assert.equal(await b.insert(credential), true, "(kind, handle) is free again")
    },
  ),

  check(
    "deleteByUser removes all of the user's credentials, counts them, and nobody else's",
    async (bench) => {
      const { a, b, newUserId } = bench
      const [userId, otherId] = [await newUserId(), await newUserId()]
      for (const kind of kinds) {
        await inserted(a, { kind, handle: randomHandle(), userId })
        await inserted(a, { kind, handle: randomHandle(), userId: otherId })
      }
      assert.equal(await b.deleteByUser(userId), kinds.length)
      assert.deepEqual(await a.listByUser(userId), [])
      assert.equal(await a.deleteByUser(userId), 0)
      assert.equal((await a.listByUser(otherId)).length, kinds.length)
    },
  ),

  check("what was handed in or out can be changed without changing the store", async ({ a, newUserId }) => {
    const credential = credentialRecord({ userId: await newUserId() })
    const untouched = structuredClone(credential)
    await a.insert(credential)
    Reflect.set(credential, "secret", "scribbled")
    const { handle, userId } = untouched
    for (const answer of [await a.find("password", handle), (await a.listByUser(userId))[0]]) {
      assert.deepEqual(answer, untouched)
      Reflect.set(Object(answer), "secret", "scribbled")
      assert.deepEqual(await a.find("password", handle), untouched)
    }
  }),
]

function byHandle(credentials: readonly Credential[]): readonly Credential[] {
  return [...credentials].sort((one, other) => (one.handle < other.handle ? -1 : 1))
}

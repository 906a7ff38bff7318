import { type AccountPart, account } from "../../src/account.js"
import { type Auth, createAuth, opaque, type User } from "../../src/index.js"
import { memoryStores } from "../../src/memory.js"

const stores = memoryStores()
const fixed = { origin: "https://app.example.com", secret: "", stores, sessions: opaque() }
interface Writer extends User {
  readonly name: string
}
declare const articles: AccountPart<Writer>

// Purposes are typed by what the host asks for.
const auth = createAuth({
  ...fixed,
  flows: {
    account: account({
      consents: { newsletter: { version: "1" }, statistics: { version: "2", alsoCounts: ["1"] } },
      parts: { articles },
      user: ({ name }: Writer) => ({ name }),
      mayErase: async ({ name }) => name !== "",
    }),
  },
})
auth satisfies Auth
void auth.flows.account.hasConsent("1", "newsletter")
void auth.flows.account.giveConsent("1", { purpose: "statistics", version: "2" })
// @ts-expect-error misspelt
void auth.flows.account.hasConsent("1", "newsleter")
// @ts-expect-error nobody asks for that
void auth.flows.account.giveConsent("1", { purpose: "cookies", version: "1" })
// What is asked for no more can still be taken back.
void auth.flows.account.withdrawConsent("1", "fax")
// @ts-expect-error the data can be reached only after the check
void auth.flows.account.exportOwn({}).then(({ account: data }) => data)

// A host that asks for nothing needs no slot for it, and nobody can have agreed.
const { audit: _, consents: __, ...rest } = stores
const bare = createAuth({ ...fixed, stores: rest, flows: { account: account() } })
// @ts-expect-error no purpose
void bare.flows.account.hasConsent("1", "newsletter")

const asking = account({ consents: { newsletter: { version: "1" } } })
// @ts-expect-error what users agree to must be kept
createAuth({ ...fixed, stores: rest, flows: { account: asking } })
// @ts-expect-error a part that cannot be erased
account({ parts: { articles: { export: () => null } } })
// @ts-expect-error a part that hands out what JSON does not carry
account({ parts: { articles: { export: () => new Date(), erase() {} } } })
// @ts-expect-error a consent is to a version
account({ consents: { newsletter: {} } })

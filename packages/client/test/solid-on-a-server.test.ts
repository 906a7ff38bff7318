/** Without a document, with Solid as servers get it. */
import { createComponent } from "solid-js"
import { renderToString } from "solid-js/web"
import { expect, test } from "vitest"
import { createAuthClient, type HandedSession } from "../src/index.js"
import { SessionProvider, useSession, useSuspenseSession } from "../src/solid.js"

const session = {
  id: "s1",
  createdAt: 0,
  authenticatedAt: 0,
  lastSeenAt: 0,
  expiresAt: 1,
  absoluteExpiresAt: 2,
  methods: ["pwd"],
  address: "",
  userAgent: "",
}
const ada = { user: { id: "ada", claims: {} }, session }
const client = createAuthClient()

function rendered(
  handed: HandedSession<object> | undefined,
  use: typeof useSession | typeof useSuspenseSession,
): string {
  return renderToString(() =>
    createComponent(SessionProvider, {
      client,
      session: handed,
      get children() {
        const state = use()()
        return `${state?.status} ${state?.user?.id ?? ""}`
      },
    }),
  )
}

test("what is handed in is rendered, for each request its own", () => {
  expect(rendered(ada, useSession)).toContain("signed_in ada")
  expect(rendered(null, useSession)).toContain("signed_out")
  expect(rendered(undefined, useSession)).toContain("loading")
  expect(rendered(ada, useSuspenseSession)).toContain("signed_in ada")
  expect(client.get().status).toBe("loading")
})

test("who waits for a session that nobody hands in is told so", () => {
  expect(() => rendered(undefined, useSuspenseSession)).toThrow("On a server the session must be handed in")
})

test("without a provider, it is said", () => {
  expect(() => renderToString(() => `${useSession()().status}`)).toThrow("There is no <SessionProvider>")
})

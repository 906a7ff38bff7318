/** Fifty components in StrictMode, of which each uses the session; and the same under Suspense. */
import { createElement, type ReactNode, StrictMode, Suspense } from "react"
import { createRoot, hydrateRoot } from "react-dom/client"
import { createAuthClient } from "../../src/index.js"
import { SessionProvider, useAuthClient, useSession, useSuspenseSession } from "../../src/react.js"
import type { HostAuth } from "../../test/real-host.js"

function Person(): ReactNode {
  const { status, user } = useSession<HostAuth>()
  return createElement("p", null, `${status} ${user?.claims.email ?? ""}`.trim())
}

function SuspendedPerson(): ReactNode {
  const { status, user } = useSuspenseSession<HostAuth>()
  return createElement("p", null, `${status} ${user?.claims.email ?? ""}`.trim())
}

function SignOut(): ReactNode {
  const { logout } = useAuthClient<HostAuth>()
  return createElement("button", { type: "button", onClick: () => void logout() }, "Sign out")
}

/** What the server renders, and the browser. */
export function App({ handed, suspended }: { handed: Window["handed"]; suspended: boolean }): ReactNode {
  const one = suspended ? SuspendedPerson : Person
  const people = Array.from({ length: 50 }, (_, key) => createElement(one, { key }))
  const shown = suspended ? createElement(Suspense, { fallback: "wait" }, people) : people
  return createElement(
    StrictMode,
    null,
    createElement(SessionProvider<HostAuth>, { client, session: handed }, shown, createElement(SignOut)),
  )
}

const client = createAuthClient<HostAuth>()

if (typeof document === "object") {
  const root = document.getElementById("root") as HTMLElement
  const app = createElement(App, { handed: window.handed, suspended: location.hash === "#suspended" })
  if (root.childNodes.length === 0) createRoot(root).render(app)
  else hydrateRoot(root, app, { onRecoverableError: (error) => console.error(error) })
}

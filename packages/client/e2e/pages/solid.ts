/** Fifty components of Solid, of which each uses the session; and the same under Suspense. */
import { createComponent, createRenderEffect, type JSX, Suspense } from "solid-js"
import { render } from "solid-js/web"
import { createAuthClient } from "../../src/index.js"
import { SessionProvider, useAuthClient, useSession, useSuspenseSession } from "../../src/solid.js"
import type { HostAuth } from "../../test/real-host.js"

const useOne = location.hash === "#suspended" ? useSuspenseSession<HostAuth> : useSession<HostAuth>

function Person(): JSX.Element {
  const session = useOne()
  const paragraph = document.createElement("p")
  createRenderEffect(() => {
    const { status, user } = session() ?? {}
    paragraph.textContent = `${status} ${user?.claims.email ?? ""}`.trim()
  })
  return paragraph
}

function SignOut(): JSX.Element {
  const { logout } = useAuthClient<HostAuth>()
  const button = document.createElement("button")
  button.textContent = "Sign out"
  button.onclick = () => void logout()
  return button
}

function People(): JSX.Element {
  return Array.from({ length: 50 }, () => createComponent(Person, {}))
}

const client = createAuthClient<HostAuth>()

render(
  () =>
    createComponent(SessionProvider<HostAuth>, {
      client,
      session: window.handed,
      get children() {
        const people = createComponent(Suspense, {
          fallback: "wait",
          get children() {
            return createComponent(People, {})
          },
        })
        return [people, createComponent(SignOut, {})]
      },
    }),
  document.getElementById("root") as HTMLElement,
)

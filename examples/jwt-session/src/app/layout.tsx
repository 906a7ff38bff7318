import { getServerSession } from "@mortise/next"
import type { Metadata, Viewport } from "next"
import Link from "next/link"
import type { ReactNode } from "react"
import { almanac, auth } from "../auth/auth"
import { AccountMenu } from "../components/account-menu"
import { ClientSession } from "../components/client-session"
import { KeepUp } from "../components/keep-up"

export const metadata: Metadata = {
  title: { default: "Almanac", template: "%s · Almanac" },
  description: "Release notes, and early ones for those who sponsor.",
  icons: "/icon.svg",
}
export const viewport: Viewport = { colorScheme: "light dark" }

/** Every page shows who is signed in, so none is built ahead. What the server knows, the browser need not ask. */
export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const principal = await getServerSession(auth)
  const { errorsPage } = almanac().settings
  return (
    <html lang="en">
      <head>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <a className="skip" href="#main">
          Skip to the content
        </a>
        <ClientSession handedIn={principal}>
          <KeepUp renderedFor={principal?.userId ?? null} />
          <header className="bar">
            <div>
              <Link className="brand" href="/">
                {/* biome-ignore lint/performance/noImgElement: an icon of 300 bytes. */}
                <img src="/icon.svg" alt="" width="26" height="26" /> Almanac
              </Link>
              <nav aria-label="Main">
                <Link href="/desk" prefetch={false}>
                  Your desk
                </Link>
                <Link href="/early" prefetch={false}>
                  Early notes
                </Link>
                {errorsPage && (
                  <Link href="/errors" prefetch={false}>
                    What can go wrong
                  </Link>
                )}
              </nav>
              <AccountMenu />
            </div>
          </header>
          <main id="main">{children}</main>
        </ClientSession>
        <footer>
          An example of <strong>Mortise</strong> on Next.js
        </footer>
      </body>
    </html>
  )
}

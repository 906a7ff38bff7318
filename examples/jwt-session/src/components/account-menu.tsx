"use client"

import { useSession } from "@mortise/client/react"
import Link from "next/link"

/** Who is signed in, in every tab at once. Sign-out is a form: it works without a script, and the page that answers it starts with empty caches. */
export function AccountMenu() {
  const { user } = useSession()
  if (!user) {
    return (
      <div className="account">
        <Link className="button" href="/sign-in">
          Sign in
        </Link>
      </div>
    )
  }
  const { username, isSponsor } = user.claims
  return (
    <div className="account">
      <span title={`Signed in as ${username}`}>
        <strong>{username}</strong> {isSponsor && <span className="badge gold">Sponsor</span>}
      </span>
      <form method="post" action="/auth/logout">
        <button type="submit" className="quiet">
          Sign out
        </button>
      </form>
    </div>
  )
}

import { getServerSession } from "@mortise/next"
import type { Metadata } from "next"
import { redirect } from "next/navigation"
import { auth } from "../../auth/auth"
import { earlyNotes } from "../../early-notes"

export const metadata: Metadata = { title: "Early notes" }

/** For sponsors. The claim is of the sign-in: whoever sponsors since then signs in anew. */
export default async function EarlyNotes() {
  const principal = await getServerSession(auth)
  if (!principal) redirect("/sign-in?return_to=/early")
  if (!principal.claims.isSponsor) {
    return (
      <div className="card narrow">
        <h1>For sponsors</h1>
        <p>These notes are for sponsors.</p>
      </div>
    )
  }
  return (
    <>
      <p className="badge gold">For sponsors</p>
      <h1>Early notes</h1>
      <ul className="notes">
        {earlyNotes.map(({ version, text }) => (
          <li key={version}>
            <h2>{version}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </>
  )
}

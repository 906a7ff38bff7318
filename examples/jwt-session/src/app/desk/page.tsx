import { getServerSession } from "@mortise/next"
import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"
import { almanac, auth } from "../../auth/auth"
import { SessionPanel } from "../../components/session-panel"
import { instant } from "../../instant"

export const metadata: Metadata = { title: "Your desk" }

/** A guarded page. It asks by itself, whatever stands before it. */
export default async function Desk() {
  const principal = await getServerSession(auth)
  if (!principal) redirect("/sign-in?return_to=/desk")
  const { settings, stores } = almanac()
  const member = await stores.members.find(principal.userId)
  if (!member) redirect("/sign-in?return_to=/desk")
  return (
    <>
      <h1>Good to see you, {member.username}</h1>
      <div className="grid">
        <section className="card" aria-labelledby="profile">
          <h2 id="profile">Your account</h2>
          <dl>
            <dt>Username</dt>
            <dd>{member.username}</dd>
            <dt>Email</dt>
            <dd>{member.email}</dd>
            <dt>Sponsor</dt>
            <dd>{member.isSponsor ? <span className="badge gold">Yes, thank you</span> : "No"}</dd>
            <dt>Here since</dt>
            <dd>{instant(member.createdAt)}</dd>
            <dt>Last login</dt>
            <dd>{member.lastLoginAt === null ? "never" : instant(member.lastLoginAt)}</dd>
            <dt>Logins</dt>
            <dd data-testid="logins">{member.logins}</dd>
          </dl>
          <p>
            <Link href="/early" prefetch={false}>
              Early notes
            </Link>{" "}
            · <a href="/api/me">The same as JSON</a>
          </p>
        </section>
        <SessionPanel kind={settings.sessions} lifetime={settings.lifetime} grace={settings.grace} />
      </div>
    </>
  )
}

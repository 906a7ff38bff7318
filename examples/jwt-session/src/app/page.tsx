import { getServerSession } from "@mortise/next"
import Link from "next/link"
import { almanac, auth } from "../auth/auth"
import { KindSwitch } from "../components/kind-switch"
import { SessionPanel } from "../components/session-panel"

export default async function Home() {
  const { settings } = almanac()
  const principal = await getServerSession(auth)
  return (
    <>
      <section className="hero">
        <p className="badge">Release notes</p>
        <h1>What changed, and what changes next</h1>
        <p className="lead">
          Almanac keeps the notes of every release. Whoever sponsors the project reads the next ones early.
        </p>
        <p className="row">
          {principal ? (
            <Link className="button" href="/desk" prefetch={false}>
              To your desk
            </Link>
          ) : (
            <Link className="button" href="/sign-in">
              Sign in with GitHub
            </Link>
          )}
          <Link className="button quiet" href="/early" prefetch={false}>
            Early notes
          </Link>
        </p>
      </section>
      <div className="grid">
        <SessionPanel kind={settings.sessions} lifetime={settings.lifetime} grace={settings.grace} />
        <KindSwitch settings={settings} />
      </div>
    </>
  )
}

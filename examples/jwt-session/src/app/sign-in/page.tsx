import { getServerSession } from "@mortise/next"
import type { Metadata } from "next"
import { headers } from "next/headers"
import Link from "next/link"
import { almanac, auth } from "../../auth/auth"
import { hostMismatch } from "../../errors/causes"
import { signInMessage } from "../../messages"

export const metadata: Metadata = { title: "Sign in" }

/** What the address bar may say, of which nothing is shown as it stands. */
interface Asked {
  readonly error?: string | string[]
  readonly return_to?: string | string[]
}

export default async function SignIn({ searchParams }: { readonly searchParams: Promise<Asked> }) {
  const { error, return_to: returnTo } = await searchParams
  const principal = await getServerSession(auth)
  const { origin } = almanac().settings
  const host = (await headers()).get("host") ?? ""
  const home = new URL(origin).host
  const mismatch = hostMismatch(host, origin)
  const message = signInMessage(typeof error === "string" ? error : undefined)
  return (
    <div className="card narrow">
      <h1>Sign in</h1>
      {message && (
        <p className="note bad" role="alert">
          {message}
        </p>
      )}
      {mismatch && (
        <p className="note bad" role="alert" data-testid="host-mismatch">
          You came to <code>{host}</code>, but Almanac is at <code>{home}</code>. A cookie belongs to one
          host, so here nobody can stay signed in ({mismatch}) <a href={`${origin}/sign-in`}>Go to {home}</a>
        </p>
      )}
      {principal && (
        <p className="note">
          You are signed in as <strong>{principal.claims.username}</strong> already.{" "}
          <Link href="/desk" prefetch={false}>
            To your desk
          </Link>
        </p>
      )}
      <p className="muted">No password here: GitHub says who you are, and whether you sponsor Almanac.</p>
      {auth().flows.oauth.providers.map(({ name, label }) => (
        <form method="post" action={`/auth/oauth/${name}`} key={name}>
          {typeof returnTo === "string" && <input type="hidden" name="return_to" value={returnTo} />}
          <button type="submit">Continue with {label}</button>
        </form>
      ))}
    </div>
  )
}

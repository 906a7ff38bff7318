import { getServerSession } from "@mortise/next"
import type { Metadata } from "next"
import { notFound, redirect } from "next/navigation"
import { almanac, auth } from "../../auth/auth"
import { caseNames, cases } from "../../errors/cases"
import { type Report, reportOf } from "../../errors/provoke"
import { kindWords } from "../../session-kinds"

export const metadata: Metadata = { title: "What can go wrong" }

interface Asked {
  readonly report?: string | string[]
}

/** What can go wrong with a session, each to be provoked with a button. */
export default async function Errors({ searchParams }: { readonly searchParams: Promise<Asked> }) {
  const { settings } = almanac()
  if (!settings.errorsPage) notFound()
  if (!(await getServerSession(auth))) redirect("/sign-in?return_to=/errors")
  const { report: id } = await searchParams
  const report = typeof id === "string" ? reportOf(id) : undefined
  return (
    <>
      <h1>What can go wrong</h1>
      <p className="lead">
        Each button sends real requests to this server, with sessions kept as{" "}
        <strong>{kindWords[settings.sessions].name}</strong>. You stay signed in. What a visitor gets is
        plain; what is behind it only the server knows, and here it is shown beside.
      </p>
      <section className="card" aria-label="Cases">
        {caseNames.map((name) => {
          const { title, sends, impossible } = cases[name]
          const why = impossible?.[settings.sessions]
          return (
            <article className="case" id={name} key={name}>
              <div>
                <h2>{title}</h2>
                <p className="muted">{why ?? sends}</p>
              </div>
              <form method="post" action="/errors/try">
                <button type="submit" className="quiet" name="case" value={name} disabled={why !== undefined}>
                  Try it
                </button>
              </form>
              {report?.name === name && <Outcome report={report} />}
              {name === "cookie-domain" && <OtherHost origin={settings.origin} />}
            </article>
          )
        })}
      </section>
    </>
  )
}

function Outcome({ report }: { readonly report: Report }) {
  return (
    <div className="report" role="status">
      <h3>What the visitor gets</h3>
      <ul>
        {report.answers.map(({ request, answer }) => (
          <li key={request}>
            <code>
              {request} → <strong>{answer}</strong>
            </code>
          </li>
        ))}
      </ul>
      <h3>What the server knows</h3>
      {report.causes.map((cause) => (
        <p key={cause} data-testid="cause">
          {cause}
        </p>
      ))}
    </div>
  )
}

/** The same in a real browser, which decides by itself what it sends where. */
function OtherHost({ origin }: { readonly origin: string }) {
  const { port } = new URL(origin)
  return (
    <p className="muted">
      Or see it in your browser: <a href={`http://127.0.0.1:${port}/desk`}>your desk under 127.0.0.1</a>.
    </p>
  )
}

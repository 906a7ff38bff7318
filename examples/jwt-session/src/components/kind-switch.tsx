import { kindWords } from "../session-kinds"
import { type Settings, sessionKinds } from "../settings"

/** Has the server started again with another kind of sessions; with a form, so that it works without a script. */
export function KindSwitch({ settings }: { readonly settings: Settings }) {
  const { REDIS_MISSING: redisMissing } = process.env
  const canRestart = process.send !== undefined
  return (
    <section className="card" aria-labelledby="kinds">
      <h2 id="kinds">How sessions are kept</h2>
      <p className="muted">
        One line of configuration apart. Changing it starts the server again, and everybody signs in anew.
      </p>
      {sessionKinds.map((kind) => {
        const { name, says } = kindWords[kind]
        const missing = kind === "redis" ? redisMissing : undefined
        return (
          <form className="case" method="post" action="/storage" key={kind}>
            <div>
              <h3>
                {name} {kind === settings.sessions && <span className="badge good">now</span>}
              </h3>
              <p className="muted">{says}</p>
              {missing && <p className="badge bad">Not available: {missing}.</p>}
            </div>
            <button
              type="submit"
              name="sessions"
              value={kind}
              className="quiet"
              disabled={kind === settings.sessions || missing !== undefined || !canRestart}
            >
              Use {name}
            </button>
          </form>
        )
      })}
      {!canRestart && (
        <p className="muted">Only the demo can do that: it has a program that starts the server again.</p>
      )}
    </section>
  )
}

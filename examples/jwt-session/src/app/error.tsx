"use client"

/** A page that could not be rendered: a store that is down, most likely. What broke is in the server's log, not here. */
export default function ErrorPage({ reset }: { readonly reset: () => void }) {
  return (
    <div className="card narrow">
      <h1>Back in a moment</h1>
      <p>Something that this page needs does not answer at the moment. Nobody was signed out.</p>
      <button type="button" onClick={reset}>
        Try again
      </button>
    </div>
  )
}

"use client"

/** When not even the frame could be rendered. */
export default function GlobalError() {
  return (
    <html lang="en">
      <head>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <main>
          <div className="card narrow">
            <h1>Back in a moment</h1>
            <p>Something that this page needs does not answer at the moment. Nobody was signed out.</p>
          </div>
        </main>
      </body>
    </html>
  )
}

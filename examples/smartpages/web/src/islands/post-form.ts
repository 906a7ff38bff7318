/** What came of a form that a script posted. */
export type Posted =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly retryAfter?: number }

/** Posts a form's fields as JSON to where the form leads; problems come back as reasons (RFC 9457). Never rejects. */
export async function postForm(form: HTMLFormElement): Promise<Posted> {
  const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""))
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(fields),
    })
    if (answer.ok) return { ok: true }
    const { reason, retryAfter } = (await answer.json()) as { reason?: string; retryAfter?: number }
    return { ok: false, reason: reason ?? "other", ...(retryAfter !== undefined && { retryAfter }) }
  } catch {
    return { ok: false, reason: "unavailable" }
  }
}

import { createSignal, type JSX, onMount } from "solid-js"
import type { Locale } from "../../../words/locale.js"
import { errorWords, noticeWords } from "../../../words/sign-in-words.js"
import { wordsIn } from "../../../words/words.js"
import { postForm } from "./post-form.js"

type Step = "ask" | "sent"

/**
 * The sign-in page's forms. They are forms: without JavaScript the browser posts them, and the Core Worker shows what this would show. With it, the
 * mail is asked for without leaving the page. The code is always posted by the browser, which then goes where it is sent.
 */
export function SignIn(props: { readonly locale: Locale }): JSX.Element {
  const words = wordsIn(props.locale)
  const [step, setStep] = createSignal<Step>("ask")
  const [error, setError] = createSignal("")
  const [notice, setNotice] = createSignal("")
  const [busy, setBusy] = createSignal(false)
  let sentHeading: HTMLHeadingElement | undefined

  // What the page was opened with. Not before it is mounted: until then it has to be what was built.
  onMount(() => {
    const query = new URLSearchParams(location.search)
    const reason = query.get("error")
    if (reason !== null) setError(errorWords(props.locale, reason, query.get("retry_after")))
    setNotice(noticeWords(props.locale, query.get("notice")) ?? "")
    if (query.get("notice") === "link_sent" || reason === "code_invalid") setStep("sent")
    // A page that comes back from the browser's memory is not busy any more.
    window.addEventListener("pageshow", () => setBusy(false))
  })

  async function askForMail(event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> {
    event.preventDefault()
    if (busy()) return
    const form = event.currentTarget
    setBusy(true)
    setError("")
    setNotice("")
    const posted = await postForm(form)
    setBusy(false)
    if (posted.ok) {
      setStep("sent")
      sentHeading?.focus()
    } else {
      setError(errorWords(props.locale, posted.reason, posted.retryAfter))
      form.querySelector<HTMLInputElement>("[type=email]")?.focus()
    }
  }

  return (
    <>
      <p class="banner notice" role="status" data-banner="notice" hidden={notice() === ""}>
        {notice()}
      </p>
      <p class="banner error" role="alert" data-banner="error" hidden={error() === ""}>
        {error()}
      </p>
      <div data-step="ask" hidden={step() !== "ask"}>
        <h1>{words.loginHeading}</h1>
        <p class="muted">{words.loginLead}</p>
        <form method="post" action="/auth/start" onSubmit={askForMail}>
          <input type="hidden" name="locale" value={props.locale} />
          <input type="hidden" name="return_to" />
          <label>
            {words.emailLabel}
            <input name="email" type="email" autocomplete="email" required maxlength="254" />
          </label>
          <button type="submit" disabled={busy()}>
            {busy() ? words.sending : words.sendLink}
          </button>
        </form>
      </div>
      <div data-step="sent" hidden={step() !== "sent"}>
        <h1 tabindex="-1" ref={sentHeading}>
          {words.sentHeading}
        </h1>
        <p>{words.sentLead}</p>
        <p>{words.sentElsewhere}</p>
        <form method="post" action="/auth/code" onSubmit={() => queueMicrotask(() => setBusy(true))}>
          <input type="hidden" name="return_to" />
          <label>
            {words.codeLabel}
            <input
              name="code"
              inputmode="numeric"
              autocomplete="one-time-code"
              required
              pattern="\s*(\d\s*){8}"
              maxlength="16"
              aria-describedby="code-hint"
            />
          </label>
          <p class="hint" id="code-hint">
            {words.codeHint}
          </p>
          <button type="submit" disabled={busy()}>
            {busy() ? words.checking : words.useCode}
          </button>
        </form>
        <p>
          <a href={`/${props.locale}/login`}>{words.askAnew}</a>
        </p>
      </div>
    </>
  )
}

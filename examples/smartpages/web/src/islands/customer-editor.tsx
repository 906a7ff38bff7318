import { createSignal, type JSX, onMount, Show } from "solid-js"
import type { CustomerDetails } from "../../../data/src/customer-details.js"
import type { CustomerRecord } from "../../../data/src/customer-records.js"
import { isLocale, locales } from "../../../words/locale.js"
import { wordsIn } from "../../../words/words.js"
import { loadCustomer, saveCustomer } from "../customer/customer-api.js"
import { CustomerFields, detailsOf } from "./customer-fields.js"
import { EditorMessages, type EditorState, stateAfter } from "./editor-messages.js"

/** Loads the record of whoever is signed in, lets them edit it, and saves it. What was typed stays whatever happens to a save. */
export function CustomerEditor(): JSX.Element {
  const { lang } = document.documentElement
  const locale = isLocale(lang) ? lang : locales[0]
  const words = wordsIn(locale)
  const [state, setState] = createSignal<EditorState>({ at: "loading" })
  /** What the form was filled with. A save leaves the form alone, and whatever has the focus in it. */
  const [shown, setShown] = createSignal<CustomerDetails>()
  let version = 0
  let form: HTMLFormElement | undefined

  onMount(load)

  async function load(): Promise<void> {
    setState({ at: "loading" })
    const answer = await loadCustomer()
    if (answer.ok) show(answer.record)
    else setState(stateAfter(answer, "load"))
  }

  function show(record: CustomerRecord): void {
    version = record.version
    setShown(record)
    setState({ at: "editing" })
  }

  async function save(over: number): Promise<void> {
    if (!form || state().at === "saving") return
    setState({ at: "saving" })
    const answer = await saveCustomer(detailsOf(form), over)
    if (answer.ok) version = answer.record.version
    setState(answer.ok ? { at: "saved" } : stateAfter(answer, "save"))
    form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus()
  }

  return (
    <>
      <EditorMessages
        state={state()}
        locale={locale}
        onReload={load}
        onTakeTheirs={show}
        onKeepMine={(newer) => save(newer.version)}
      />
      <Show when={state().at === "loading"}>
        <p class="muted">{words.loading}</p>
      </Show>
      <Show when={shown()} keyed>
        {(details) => (
          <form
            ref={form}
            novalidate
            onInput={() => state().at === "saved" && setState({ at: "editing" })}
            onSubmit={(event) => {
              event.preventDefault()
              void save(version)
            }}
          >
            <CustomerFields details={details} words={words} invalid={invalidIn(state())} />
            <button type="submit" disabled={state().at === "saving"}>
              {state().at === "saving" ? words.saving : words.save}
            </button>
          </form>
        )}
      </Show>
    </>
  )
}

function invalidIn(state: EditorState) {
  return state.at === "invalid" ? state.fields : []
}

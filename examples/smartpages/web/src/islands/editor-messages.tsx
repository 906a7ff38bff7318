import { type JSX, Match, Show, Switch } from "solid-js"
import type { Field } from "../../../data/src/customer-details.js"
import type { CustomerRecord } from "../../../data/src/customer-records.js"
import type { Locale } from "../../../words/locale.js"
import { wordsIn } from "../../../words/words.js"
import type { CustomerAnswer } from "../customer/customer-api.js"

/** Where the editor is. */
export type EditorState =
  | { readonly at: "loading" | "editing" | "saving" | "saved" | "signed_out" }
  | { readonly at: "unavailable"; readonly during: "load" | "save" }
  | { readonly at: "invalid"; readonly fields: readonly Field[] }
  | { readonly at: "conflict"; readonly newer: CustomerRecord }

/** Where it is after a refusal. */
export function stateAfter(answer: CustomerAnswer & { ok: false }, during: "load" | "save"): EditorState {
  switch (answer.reason) {
    case "conflict":
      return { at: "conflict", newer: answer.record }
    case "invalid":
      return { at: "invalid", fields: answer.fields }
    case "signed_out":
      return { at: "signed_out" }
    case "unavailable":
      return { at: "unavailable", during }
  }
}

/** Sentences about the last load or save. One place that is always there, so that screen readers hear every change. */
export function EditorMessages(props: {
  readonly state: EditorState
  readonly locale: Locale
  readonly onReload: () => void
  readonly onTakeTheirs: (newer: CustomerRecord) => void
  readonly onKeepMine: (newer: CustomerRecord) => void
}): JSX.Element {
  const words = wordsIn(props.locale)
  const signIn = `/${props.locale}/login?return_to=${encodeURIComponent(`/${props.locale}/dashboard`)}`
  const newer = (): CustomerRecord | false => props.state.at === "conflict" && props.state.newer

  return (
    <div aria-live="polite">
      <Switch>
        <Match when={props.state.at === "saved"}>
          <p class="banner notice">{words.saved}</p>
        </Match>
        <Match when={props.state.at === "invalid"}>
          <p class="banner error">{words.invalidSummary}</p>
        </Match>
        <Match when={newer()}>
          {(record) => (
            <div class="banner error">
              <p>{words.conflict}</p>
              <p class="actions">
                <button type="button" class="plain" onClick={() => props.onTakeTheirs(record())}>
                  {words.conflictTakeTheirs}
                </button>
                <button type="button" class="plain" onClick={() => props.onKeepMine(record())}>
                  {words.conflictKeepMine}
                </button>
              </p>
            </div>
          )}
        </Match>
        <Match when={props.state.at === "signed_out"}>
          <div class="banner error">
            <p>{words.signedOutMeanwhile}</p>
            <p class="actions">
              <a href={signIn}>{words.signInAgain}</a>
            </p>
          </div>
        </Match>
        <Match when={props.state.at === "unavailable"}>
          <div class="banner error">
            <p>{words.unavailable}</p>
            <Show when={props.state.at === "unavailable" && props.state.during === "load"}>
              <p class="actions">
                <button type="button" class="plain" onClick={() => props.onReload()}>
                  {words.tryAgain}
                </button>
              </p>
            </Show>
          </div>
        </Match>
      </Switch>
    </div>
  )
}

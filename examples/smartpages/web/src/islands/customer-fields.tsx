import { For, type JSX, Show } from "solid-js"
import { type CustomerDetails, type Field, fields, longest } from "../../../data/src/customer-details.js"
import type { WordKey } from "../../../words/en.js"
import type { Words } from "../../../words/words.js"

const labels: Readonly<Record<Field, WordKey>> = {
  title: "fieldTitle",
  company: "fieldCompany",
  phone: "fieldPhone",
  about: "fieldAbout",
}

const complaints: Readonly<Record<Field, WordKey>> = {
  title: "invalidTitle",
  company: "invalidCompany",
  phone: "invalidPhone",
  about: "invalidAbout",
}

const autocomplete: Readonly<Partial<Record<Field, "organization" | "tel">>> = {
  company: "organization",
  phone: "tel",
}

/** The fields of a customer's details, each with what is wrong with it. */
export function CustomerFields(props: {
  readonly details: CustomerDetails
  readonly words: Words
  readonly invalid: readonly Field[]
}): JSX.Element {
  function attributes(field: Field) {
    const wrong = props.invalid.includes(field)
    return {
      name: field,
      maxlength: longest[field],
      "aria-invalid": wrong,
      ...(wrong && { "aria-describedby": `${field}-complaint` }),
    } as const
  }

  return (
    <For each={fields}>
      {(field) => (
        <label>
          {props.words[labels[field]]}
          <Show
            when={field === "about"}
            fallback={
              <input
                {...attributes(field)}
                type={field === "phone" ? "tel" : "text"}
                autocomplete={autocomplete[field] ?? "off"}
                value={props.details[field]}
              />
            }
          >
            <textarea {...attributes(field)} rows="6" value={props.details[field]} />
          </Show>
          <Show when={props.invalid.includes(field)}>
            <span class="complaint" id={`${field}-complaint`}>
              {props.words[complaints[field]]}
            </span>
          </Show>
        </label>
      )}
    </For>
  )
}

/** What stands in the form. */
export function detailsOf(form: HTMLFormElement): CustomerDetails {
  const data = new FormData(form)
  const text = (field: Field): string => String(data.get(field) ?? "")
  return { title: text("title"), company: text("company"), phone: text("phone"), about: text("about") }
}

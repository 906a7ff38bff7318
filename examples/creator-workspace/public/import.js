// Makes the import more convenient: a file can be dropped anywhere on the page and is sent at once, and a
// refusal shows without leaving the page. Without this script the form does the same by itself.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.import"))
const outcome = form?.querySelector(".outcome")
const input = form?.querySelector("input")

if (form && outcome && input) {
  const { body } = document
  const limit = Number(form.dataset.limit)

  /** @param {File} file */
  const send = async (file) => {
    if (file.size > limit)
      return say("That file is larger than 256 KB, which is a whole book. Is it the right one?")
    say("Importing …", "notice")
    form.classList.add("busy")
    try {
      await post(file)
    } catch {
      say("The server could not be reached. Please try again.")
    } finally {
      form.classList.remove("busy")
    }
  }

  /** @param {File} file */
  const post = async (file) => {
    const data = new FormData()
    data.set("article", file)
    const response = await fetch(form.action, {
      method: "POST",
      body: data,
      headers: { accept: "application/json" },
    })
    // The session ended meanwhile: reloading leads to the sign-in page and back.
    if (response.status === 401) return location.reload()
    const answer = await response.json()
    if (response.ok) location.assign(answer.page)
    else say(answer.detail)
  }

  /**
   * @param {string} text
   * @param {"error" | "notice"} kind
   */
  const say = (text, kind = "error") => {
    const line = document.createElement("p")
    line.className = `banner ${kind}`
    line.textContent = text
    outcome.replaceChildren(line)
  }

  const chosen = form.querySelector(".drop-title")
  const asked = chosen?.textContent ?? ""
  input.addEventListener("change", () => {
    outcome.replaceChildren()
    if (chosen) chosen.textContent = input.files?.[0]?.name ?? asked
  })
  form.addEventListener("submit", (event) => {
    const file = input.files?.[0]
    if (!file) return
    event.preventDefault()
    send(file)
  })

  body.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    body.classList.add("dropping")
  })
  body.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) body.classList.remove("dropping")
  })
  body.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    body.classList.remove("dropping")
    send(file)
  })
}

// Asks authenticators, and what else takes a script on the pages around signing in. Each form says in data-passkey what it is for; its answer goes
// into the form's hidden field, and the form is sent as any other.

const forms = [...document.querySelectorAll("form[data-passkey]")]
const works = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential
/** Waits for a passkey that is chosen as autofill; given up when a button asks in its stead. */
let waiting

for (const form of forms) {
  const button = form.querySelector("button")
  if (works) {
    form.hidden = false
    button.addEventListener("click", () => run(form, button))
  } else if (!form.hidden) say(form, "This browser knows no passkeys.")
}
const signIn = forms.find((form) => form.dataset.passkey === "sign-in")
if (works && signIn) offerAsAutofill(signIn)

async function run(form, button) {
  button.disabled = true
  say(form, "")
  waiting?.abort()
  try {
    await ask[form.dataset.passkey](form)
  } catch (error) {
    button.disabled = false
    say(form, wordsFor(error))
  }
}

const ask = {
  async register(form) {
    const { options } = await post("/api/auth/passkey/register/options", {})
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
    send(form, await navigator.credentials.create({ publicKey }))
  },

  async "sign-in"(form) {
    send(form, await navigator.credentials.get({ publicKey: await signInOptions() }))
  },

  async "second-factor"(form) {
    const { options } = await post("/api/auth/mfa/begin", { factor: "passkey" })
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
    send(form, await navigator.credentials.get({ publicKey }))
  },
}

async function signInOptions() {
  const { options } = await post("/api/auth/passkey/sign-in/options", {})
  return PublicKeyCredential.parseRequestOptionsFromJSON(options)
}

/** The browser shows passkeys among the addresses that it would fill in. */
async function offerAsAutofill(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  waiting = new AbortController()
  try {
    const { signal } = waiting
    const publicKey = await signInOptions()
    send(form, await navigator.credentials.get({ publicKey, signal, mediation: "conditional" }))
  } catch {
    // Nobody asked for it: the form with the password is there all the same.
  }
}

function send(form, credential) {
  form.elements.response.value = JSON.stringify(credential)
  form.submit()
}

// Recovery codes are shown once: here, or, without a script, in a file.
const recovery = document.querySelector("form[data-recovery]")
recovery?.addEventListener("submit", async (event) => {
  event.preventDefault()
  const button = recovery.querySelector("button")
  button.disabled = true
  try {
    const { codes } = await post(recovery.getAttribute("action"), {})
    const list = document.createElement("ul")
    list.className = "codes"
    for (const code of codes) {
      const item = document.createElement("li")
      item.textContent = code
      list.append(item)
    }
    const hint = document.createElement("p")
    hint.textContent =
      "Write them down, or print them, now: they are not shown again. The ones before are worth nothing any more."
    recovery.replaceWith(hint, list)
  } catch (error) {
    button.disabled = false
    say(recovery, wordsFor(error))
  }
})

async function post(path, body) {
  const headers = { "content-type": "application/json", accept: "application/json" }
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })
  const answer = await response.json()
  if (response.ok) return answer
  const { reason } = answer
  if (reason === "reauthentication_required" || reason === "insufficient_user_authentication") {
    location.assign(`/security?error=${reason}`)
  }
  throw new Error(answer.detail ?? "That did not work. Please try again.")
}

function wordsFor(error) {
  const { name } = error
  if (name === "NotAllowedError" || name === "AbortError") return "Nothing was done. Please try again."
  if (name === "InvalidStateError") return "That one has a passkey of yours already."
  return error.message
}

function say(form, text) {
  const outcome = form.querySelector(".outcome")
  outcome.textContent = ""
  if (text === "") return
  const banner = document.createElement("span")
  banner.className = "banner error"
  banner.textContent = text
  outcome.append(banner)
}

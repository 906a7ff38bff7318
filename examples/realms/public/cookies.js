// Fills the first table with what this browser sends, and tries the rows of the second with fetch. Without this script the page's links and
// its form do the same, more plainly.

/** Signed in for the purpose: tokens that no cookie holds. */
const tokens = new Map()
const form = document.querySelector("[data-trials]")
document.documentElement.classList.add("scripted")

for (const row of document.querySelectorAll("[data-wire]")) lookAt(row)

form.addEventListener("submit", async (event) => {
  event.preventDefault()
  const chosen = event.submitter?.value ?? "all"
  const rows = [...form.querySelectorAll("[data-trial]")].filter(
    (row) => chosen === "all" || row.id === chosen,
  )
  const summary = form.querySelector("[data-summary]")
  let right = 0
  form.classList.add("busy")
  for (const row of rows) {
    const trial = JSON.parse(row.dataset.trial)
    const answer = await (trial.path ? fromHere(trial) : fromTheServer(trial.id)).catch((fault) => ({
      status: 0,
      message: String(fault),
    }))
    if (show(row, answer)) right++
  }
  summary.textContent = `${right} of ${rows.length} as it must be.`
  await signOut()
  form.classList.remove("busy")
})

/** Which cookies arrive below this path, and what a guarded address says to them. */
async function lookAt(row) {
  const { wire, guarded } = row.dataset
  const { cookies } = await (await fetch(wire, { headers: { accept: "application/json" } })).json()
  const names = cookies.map((name) => element("code", name))
  row
    .querySelector("[data-sent]")
    .replaceChildren(...(names.length > 0 ? names : [element("span", "none", "muted")]))
  if (guarded) {
    const { status, message } = await answerOf(
      await fetch(guarded, { headers: { accept: "application/json" } }),
    )
    row
      .querySelector("[data-answer]")
      .replaceChildren(result(status, message, status === 200 ? "right" : "held"))
  }
}

async function fromHere({ by, bearer, method, path }) {
  if (by.kind === "login") return answerOf(await login(path, { username: by.username }))
  const authorization = `Bearer ${await tokenOf(by.token, bearer)}`
  const headers = { accept: "application/json", authorization }
  // Without this browser's own cookies, which would be looked at next.
  return answerOf(await fetch(path, { method, headers, credentials: "omit" }))
}

async function tokenOf(name, { realm, login: fields }) {
  if (!tokens.has(name)) {
    const response = await login(`/api/v1/${realm}/auth/login`, fields)
    tokens.set(name, { realm, token: (await response.json()).access_token })
  }
  return tokens.get(name).token
}

/** "omit" also means that the cookie which comes with the answer is not kept: whoever is signed in here stays so. */
function login(path, fields) {
  return fetch(path, {
    method: "POST",
    credentials: "omit",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({ ...fields, password: form.dataset.password }),
  })
}

async function signOut() {
  for (const { realm, token } of tokens.values()) {
    const headers = { authorization: `Bearer ${token}` }
    await fetch(`/api/v1/${realm}/auth/logout`, { method: "POST", credentials: "omit", headers })
  }
  tokens.clear()
}

async function fromTheServer(id) {
  const response = await fetch("/cookies", {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({ trial: id }),
  })
  return (await response.json())[id]
}

async function answerOf(response) {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json")
  return { status: response.status, message: isProblem ? (await response.json()).detail : "" }
}

function show(row, { status, message }) {
  const right = status === Number(row.dataset.status) && (message === row.dataset.message || status === 200)
  row.querySelector("[data-result]").replaceChildren(result(status, message, right ? "right" : "wrong"))
  return right
}

function result(status, message, kind) {
  const span = element("span", String(status), `result ${kind}`)
  if (message) span.append(" ", element("q", message))
  return span
}

function element(name, text, className = "") {
  const made = document.createElement(name)
  made.textContent = text
  made.className = className
  return made
}

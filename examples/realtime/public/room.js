// Keeps the room up to date: who is here, what is said. The cookie of the page opens the socket; when its session ends, the server closes it with 4401.

const floor = document.querySelector("[data-room]")
const you = floor.dataset.you
const list = floor.querySelector(".messages")
const empty = floor.querySelector(".empty")
const people = floor.querySelector(".people")
const state = floor.querySelector(".state")
const form = floor.querySelector(".say")
const field = form.elements.text
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })

/** Without an answer for so long, a try has failed for good. */
const longestWait = 15_000
let socket
let failures = 0
/** The visitor goes elsewhere, signs out perhaps: where to is not ours to say. */
let leaving = false
addEventListener("beforeunload", () => {
  leaving = true
})

for (const time of list.querySelectorAll("time")) time.textContent = exact.format(new Date(time.dateTime))
list.scrollTop = list.scrollHeight
connect()

function connect() {
  tell("", "Connecting …")
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`)
  socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)))
  socket.addEventListener("close", ({ code }) => closed(code))
}

function hear(news) {
  const meaning = meanings[news.type]
  if (meaning) meaning(news)
}

const meanings = {
  AuthSuccess() {
    failures = 0
    tell("live", "Live")
  },
  Room(news) {
    list.replaceChildren(...news.messages.map(itemOf))
    showPeople(news.people)
    settle(true)
  },
  People(news) {
    showPeople(news.people)
  },
  Said({ message }) {
    if (list.querySelector(`[data-id="${message.id}"]`)) return
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
    list.append(itemOf(message))
    settle(atEnd || message.user_id === you)
  },
  Renamed(news) {
    for (const item of ofUser(news.user_id)) item.querySelector("b").textContent = news.name
  },
  Cleared() {
    list.replaceChildren()
    settle(true)
  },
  Forgotten(news) {
    for (const item of ofUser(news.user_id)) item.remove()
    settle(false)
  },
  Refused({ reason }) {
    tell(
      "lost",
      reason === "rate_limited" ? "That was a lot at once. Wait a moment." : "That could not be said.",
    )
  },
}

/** 4401: the session is over, or has another token by now. Then the cookie knows. */
async function closed(code) {
  if (leaving) return
  tell("lost", "Not connected")
  if (code === 4401) {
    const response = await fetch("/api/auth/session", { headers: { accept: "application/json" } }).catch(
      () => undefined,
    )
    const answer = response?.ok ? await response.json().catch(() => undefined) : undefined
    if (leaving) return
    if (answer && !answer.user) {
      location.assign("/sign-in?error=session_ended&return_to=%2Froom")
      return
    }
  }
  failures += 1
  // Not all at once, after a server has gone.
  setTimeout(connect, Math.min(250 * 2 ** failures, longestWait) * (0.5 + Math.random() / 2))
}

form.addEventListener("submit", (event) => {
  // Not connected: the form is sent as any other.
  if (socket.readyState !== WebSocket.OPEN) return
  event.preventDefault()
  if (field.value.trim() === "") return
  socket.send(JSON.stringify({ type: "Say", text: field.value }))
  field.value = ""
  field.focus()
})

function itemOf({ at, id, name, text, user_id }) {
  const item = document.createElement("li")
  item.dataset.id = id
  item.dataset.user = user_id
  if (user_id === you) item.className = "own"
  const who = document.createElement("b")
  who.textContent = name
  const time = document.createElement("time")
  time.dateTime = new Date(at).toISOString()
  time.textContent = exact.format(at)
  const words = document.createElement("p")
  words.textContent = text
  item.append(who, " ", time, words)
  return item
}

function showPeople(everybody) {
  people.replaceChildren(
    ...everybody.map(({ name, user_id }) => {
      const item = document.createElement("li")
      item.dataset.user = user_id
      item.textContent = user_id === you ? `${name} (you)` : name
      return item
    }),
  )
}

function ofUser(id) {
  return [...list.querySelectorAll("li")].filter((item) => item.dataset.user === id)
}

function settle(toEnd) {
  empty.hidden = list.children.length > 0
  if (toEnd) list.scrollTop = list.scrollHeight
}

function tell(kind, text) {
  state.className = `state ${kind}`
  state.textContent = text
}

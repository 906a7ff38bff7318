import { randomUUID } from "node:crypto"
import type { SessionMessages } from "@mortise/core"
import { type LiveSocket, type LiveSockets, liveSockets } from "@mortise/core/socket"
import type { ParlourAuth, ParlourClaims } from "../auth.js"
import type { PeopleTable } from "../people/people-table.js"
import type { Channel } from "./channel.js"
import type { Message, MessageTable } from "./message-table.js"
import { newPresence, type Person } from "./presence.js"

/** What the room is made of. */
export interface RoomParts {
  readonly auth: ParlourAuth
  readonly sessionMessages: SessionMessages | undefined
  readonly messages: MessageTable
  readonly people: PeopleTable
  readonly channel: Channel
}

/** The room, as pages and sockets use it. */
export interface Room {
  readonly sockets: LiveSockets<ParlourClaims>
  latest(): Promise<readonly Message[]>
  /** Who is here, on any server. */
  people(): readonly Person[]
  /** Says it to everybody. False for what is empty or too long. */
  say(userId: string, text: string): Promise<boolean>
  /** Tells everybody the new name. False for what is no name. */
  rename(userId: string, name: string): Promise<boolean>
  /** Forgets everything that was said. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** What servers tell each other, and, but for `Here` and `Who`, what browsers are told. */
export type News =
  | { readonly type: "Said"; readonly message: Message }
  | { readonly type: "Renamed"; readonly userId: string; readonly name: string }
  | { readonly type: "Cleared" }
  | { readonly type: "Forgotten"; readonly userId: string }
  | { readonly type: "Here"; readonly node: string; readonly people: readonly Person[] }
  | { readonly type: "Who" }

const shown = 100
const longest = 1000
const longestName = 40
/** So many messages of one socket in so many milliseconds. */
const pace = { limit: 10, window: 5000 }
const heartbeat = 5000

/** Opens the room on this server: its sockets, and what it tells the rooms of other servers. */
export async function openRoom(parts: RoomParts): Promise<Room> {
  const { auth, channel, messages, people, sessionMessages } = parts
  const node = randomUUID()
  const presence = newPresence()
  const names = new Map<string, string>()
  const spoken = new WeakMap<object, number[]>()
  let known = ""

  const sockets = liveSockets<ParlourClaims>(auth, {
    ...(sessionMessages && { messages: sessionMessages }),
    async onOpen(socket) {
      const { userId } = socket.principal
      names.set(userId, await people.nameOf(userId))
      await tellHere()
      const said = await messages.latest(shown)
      socket.send(textOf({ type: "Room", you: userId, messages: said, people: presence.people() }))
    },
    async onMessage({ userId }, data, socket) {
      const text = spokenIn(data)
      if (text === undefined) return refuse(socket, "invalid_request")
      if (!isInPace(socket)) return refuse(socket, "rate_limited")
      if (!(await say(userId, text))) refuse(socket, "invalid_request")
    },
    onClose: tellHere,
  })

  function isInPace(socket: LiveSocket<ParlourClaims>): boolean {
    const now = Date.now()
    const recent = (spoken.get(socket) ?? []).filter((at) => now - at < pace.window)
    spoken.set(socket, [...recent, now])
    return recent.length < pace.limit
  }

  function peopleHere(): readonly Person[] {
    const here = new Map<string, Person>()
    for (const { isOpen, principal } of sockets) {
      const { userId } = principal
      if (isOpen) here.set(userId, { userId, name: names.get(userId) ?? "" })
    }
    for (const userId of names.keys()) if (!here.has(userId)) names.delete(userId)
    return [...here.values()]
  }

  async function tell(news: News): Promise<void> {
    await channel.publish(JSON.stringify(news)).catch((error: Error) => {
      console.error(`Room: ${error.message}`)
      // The other servers hear nothing; who is connected here does.
      hear(news)
    })
  }

  function tellHere(): Promise<void> {
    return tell({ type: "Here", node, people: peopleHere() })
  }

  function toAll(news: object): void {
    const text = textOf(news)
    for (const socket of sockets) socket.send(text)
  }

  function showPeople(): void {
    const everybody = presence.people()
    const now = JSON.stringify(everybody)
    if (now === known) return
    known = now
    toAll({ type: "People", people: everybody })
  }

  function hear(news: News): void {
    switch (news.type) {
      case "Here":
        presence.hear(news.node, news.people)
        showPeople()
        return
      case "Who":
        void tellHere()
        return
      case "Renamed":
        if (names.has(news.userId)) {
          names.set(news.userId, news.name)
          void tellHere()
        }
        toAll(news)
        return
      default:
        toAll(news)
    }
  }

  async function say(userId: string, text: string): Promise<boolean> {
    const trimmed = text.trim()
    if (trimmed === "" || trimmed.length > longest) return false
    await tell({ type: "Said", message: await messages.add(userId, trimmed) })
    return true
  }

  await channel.subscribe({
    message: (text) => hear(JSON.parse(text) as News),
    gap: () => void tell({ type: "Who" }),
  })
  await tell({ type: "Who" })
  // A server that dies says no goodbye; one that says nothing is forgotten.
  const beat = setInterval(() => {
    void tellHere().then(showPeople)
  }, heartbeat)

  return {
    sockets,
    latest: () => messages.latest(shown),
    people: presence.people,
    say,
    async rename(userId, name) {
      const trimmed = name.trim().replace(/\s+/g, " ")
      if (trimmed === "" || trimmed.length > longestName || /\p{Cc}/u.test(trimmed)) return false
      await people.rename(userId, trimmed)
      await tell({ type: "Renamed", userId, name: trimmed })
      return true
    },
    async clear() {
      await messages.clear()
      await tell({ type: "Cleared" })
    },
    async close() {
      clearInterval(beat)
      await sockets.close()
    },
  }
}

function refuse(socket: LiveSocket<ParlourClaims>, reason: string): void {
  socket.send(textOf({ type: "Refused", reason }))
}

/** `{"type":"Say","text":"…"}`, and nothing else. */
function spokenIn(data: string): string | undefined {
  try {
    const { text, type } = Object(JSON.parse(data)) as { text?: unknown; type?: unknown }
    return type === "Say" && typeof text === "string" ? text : undefined
  } catch {
    return undefined
  }
}

/** As the flow spells it: names in snake_case. */
function textOf(news: object): string {
  return JSON.stringify(news, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || !("userId" in value)) return value
    const { userId, ...others } = value
    return { user_id: userId, ...others }
  })
}

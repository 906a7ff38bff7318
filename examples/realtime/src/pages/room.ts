import type { Guest } from "../auth.js"
import { type Html, html } from "../html.js"
import type { Message } from "../room/message-table.js"
import type { Person } from "../room/presence.js"
import { exactTime } from "./instant.js"
import { banners, layout, type PageState } from "./layout.js"

/** What the page is drawn from. */
export interface RoomState extends PageState {
  readonly name: string
  readonly messages: readonly Message[]
  readonly people: readonly Person[]
}

/** Who is here and what was said, as of now. The script keeps it up to date; without it a button does. */
export function roomPage(guest: Guest, { messages, name, people, ...state }: RoomState): string {
  const body = html`${banners(state)}
<div class="floor" data-room data-you="${guest.userId}">
<section class="talk" aria-label="Conversation">
<div class="talk-head"><h1>The room</h1><p class="state" role="status"><noscript><a href="/room">Look again</a></noscript></p></div>
<ol class="messages" aria-live="polite">${messages.map((message) => messageItem(message, guest.userId))}</ol>
<p class="empty"${messages.length > 0 && html` hidden`}>Nobody has said anything yet.</p>
<form class="say" method="post" action="/room/messages">
<label class="unseen" for="text">Say something</label>
<input id="text" name="text" required maxlength="1000" autocomplete="off" placeholder="Say something">
<button>Say it</button>
</form>
</section>
<aside>
<section class="card">
<h2>Here now</h2>
<ul class="people">${people.map(({ name, userId }) => html`<li data-user="${userId}">${name}${userId === guest.userId && " (you)"}</li>`)}</ul>
<form method="post" action="/room/name">
<label>Your name here
<input name="name" value="${name}" required maxlength="40" autocomplete="nickname"></label>
<button class="plain">Call me that</button>
</form>
</section>
<p class="hint"><a href="/room/close">Close the room for the night</a></p>
</aside>
</div>`
  return layout({ title: "The room", body, guest, path: "/room", script: "room.js" })
}

function messageItem({ at, id, name, text, userId }: Message, you: string): Html {
  return html`<li data-id="${String(id)}" data-user="${userId}"${userId === you && html` class="own"`}><b>${name}</b> <time datetime="${new Date(at).toISOString()}">${exactTime(at)}</time><p>${text}</p></li>`
}

/** What takes two factors and a proof that is five minutes old at most. */
export function closeRoomPage(guest: Guest, count: number): string {
  const body = html`<section class="card entry">
<h1>Close the room?</h1>
<p>Everything that was said is gone then, for everybody. At the moment that is ${count === 1 ? "one message" : `${count} messages`}.</p>
<form method="post" action="/room/close"><button class="danger">Close the room</button></form>
<p class="muted"><a href="/room">Leave it open</a></p>
</section>`
  return layout({ title: "Close the room", body, guest })
}

import type { AccountPart } from "@mortise/core/account"
import type { PeopleTable } from "../people/people-table.js"
import type { Channel } from "./channel.js"
import type { MessageTable } from "./message-table.js"
import type { News } from "./room.js"

/** What the room keeps of a person: part of what they download, and gone with their account, out of every open window too. */
export function ownPart(messages: MessageTable, people: PeopleTable, channel: Channel): AccountPart {
  return {
    async export({ id }) {
      const said = await messages.listByUser(id)
      return { name: await people.nameOf(id), messages: said.map(({ at, text }) => ({ at, text })) }
    },
    async erase({ id }) {
      await messages.deleteByUser(id)
      await people.remove(id)
      const news: News = { type: "Forgotten", userId: id }
      await channel.publish(JSON.stringify(news))
    },
  }
}

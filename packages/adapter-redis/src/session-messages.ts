import type { SessionListener, SessionMessages } from "@mortise/core"

/** What a subscriber is told. */
export interface ChannelListener {
  /** A message of the channel, as it was published. */
  message(text: string): void
  /** The channel is heard again after a connection was lost: call it once the server has confirmed the subscription. */
  gap(): void
}

/** All that the messages need of a Redis client: to publish, and to listen on a connection that does nothing else. */
export interface PubSub {
  /** PUBLISH. Rejects when the server cannot be reached. */
  publish(channel: string, text: string): Promise<unknown>
  /** SUBSCRIBE, and again after every reconnect. Resolves when the server has confirmed it; calling what it answers stops. */
  subscribe(channel: string, listener: ChannelListener): Promise<() => Promise<unknown>>
}

/** Where the messages go. */
export interface RedisMessageOptions {
  /** Before the channel's name, as before the keys of `redisStores`. Default `"mortise:"`. */
  readonly prefix?: string
}

/** Ids in one message, about 12 kB. */
const mostIds = 500
const longestText = 100_000
const wellFormedId = /^[!-~]{1,128}$/

/**
 * Tells all nodes which sessions have ended or got another token, by PUBLISH on one channel: on a cluster it reaches the subscribers of every
 * node. Redis keeps nothing for who is not connected; who was cut off hears of a gap.
 *
 * Only ids are sent, which are in device lists and logs anyway. What is no message of this kind is ignored: whoever may publish there can make nodes
 * ask the truth more often, and nothing else.
 */
export function redisMessages(
  { publish, subscribe }: PubSub,
  options: RedisMessageOptions = {},
): SessionMessages {
  const channel = `${options.prefix ?? "mortise:"}sessions-changed`

  async function publishAll(ids: readonly string[]): Promise<void> {
    const parts = Array.from({ length: Math.ceil(ids.length / mostIds) }, (_, part) =>
      ids.slice(part * mostIds, (part + 1) * mostIds),
    )
    await Promise.all(parts.map((part) => publish(channel, JSON.stringify(part))))
  }

  async function listen({ changed, gap }: SessionListener): Promise<() => Promise<void>> {
    const stop = await subscribe(channel, {
      message(text) {
        const ids = idsIn(text)
        if (ids.length > 0) changed(ids)
      },
      gap: () => gap(),
    })
    return async () => void (await stop())
  }

  return { publish: publishAll, subscribe: listen }
}

function idsIn(text: unknown): readonly string[] {
  if (typeof text !== "string" || text.length > longestText) return []
  const ids = parsed(text)
  return Array.isArray(ids) && ids.length <= mostIds && ids.every(isId) ? ids : []
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isId(value: unknown): value is string {
  return typeof value === "string" && wellFormedId.test(value)
}

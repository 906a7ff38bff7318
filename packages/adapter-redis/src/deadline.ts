import type { Seconds } from "@mortise/core"
import type { RedisCommand, SendCommand } from "./send-command.js"

/**
 * The same, but rejecting when there is no answer after `timeout` seconds. Not left to the client: node-redis
 * gives up only on commands that it has not sent yet, and waits without end for a server that hangs. A
 * command that was given up may still be executed: no worse than an answer that was lost.
 * @throws RangeError if the timeout is not a number of seconds above 0
 */
export function withDeadline(send: SendCommand, timeout: Seconds): SendCommand {
  if (!(timeout > 0 && timeout < Number.POSITIVE_INFINITY)) {
    throw new RangeError("redisStores: timeout must be a number of seconds above 0, such as 5.")
  }
  return function sendWithin(command: RedisCommand): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answer = send(command)
      const giveUp = (): void => reject(new Error(`Redis did not answer within ${timeout} s.`))
      const timer = setTimeout(giveUp, timeout * 1000)
      // Not `finally`, which makes two promises more for every command.
      answer.then(
        (reply) => {
          clearTimeout(timer)
          resolve(reply)
        },
        (error: unknown) => {
          clearTimeout(timer)
          reject(error)
        },
      )
    })
  }
}

/** One Redis command, ready to be sent. */
export interface RedisCommand {
  /**
   * The command's first key. All keys of a command lie in one slot, so a cluster client that cannot find the
   * key in the arguments by itself routes by this one.
   */
  readonly key: string
  /**
   * The command's name and its arguments. A fresh array each time, and mutable only because some clients ask
   * for that.
   */
  readonly args: [name: string, ...rest: string[]]
}

/**
 * All that the stores need of a Redis client: send this command, answer the server's reply (text as string,
 * integers as number, nil as null, arrays as arrays), reject on an error. It must reach the master, never a
 * replica. When a client that reconnects sends a command twice, the second can refuse what the first granted
 * (a session ends, a challenge counts as used), never grant again.
 */
export type SendCommand = (command: RedisCommand) => Promise<unknown>

/**
 * A script as a command. Always EVAL: the server recognizes a text that it has seen and does not compile it
 * again, so EVALSHA would save sending a few hundred bytes (within the noise of a local round trip) and cost
 * a second path for NOSCRIPT after every restart, failover and SCRIPT FLUSH.
 */
export function scriptCommand(
  script: string,
  keys: readonly [string, ...string[]],
  args: readonly string[],
): RedisCommand {
  return { key: keys[0], args: ["EVAL", script, String(keys.length), ...keys, ...args] }
}

/**
 * Reads KEYS[1] as `expiresAt` and `value`. Both are nil when there is nothing, or when it has expired by the
 * caller's clock (ARGV[1]): the server's own clock and its lazy eviction decide nothing.
 */
const readEntry = `
local expiresAt, value
local entry = redis.call('GET', KEYS[1])
if entry then
  expiresAt, value = string.match(entry, '^(%d+):(.*)$')
  if not expiresAt then
    return redis.error_reply('ERR not a value that Mortise wrote')
  end
  if tonumber(expiresAt) <= tonumber(ARGV[1]) then
    expiresAt, value = nil, nil
  end
end
`

/** Set if absent. ARGV: now, new entry, its time-to-live. Answers 1 if it was absent and is set. */
export const addScript: string = `${readEntry}
if value then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`

/** Compare and swap. ARGV: now, new entry, its time-to-live, value expected. Answers 1 if it was swapped. */
export const swapScript: string = `${readEntry}
if value ~= ARGV[4] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`

/**
 * Add one. ARGV: now, entry of a new counter, its time-to-live. Answers the new count. An existing window
 * keeps its end.
 */
export const incrementScript: string = `${readEntry}
if not value then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
if not string.match(value, '^%d+$') then
  return redis.error_reply('ERR not a counter')
end
local count = tonumber(value) + 1
redis.call('SET', KEYS[1], expiresAt .. ':' .. string.format('%.0f', count), 'KEEPTTL')
return count
`

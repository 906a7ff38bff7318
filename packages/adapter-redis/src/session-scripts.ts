/**
 * Scripts over one user's two keys, which share a slot: KEYS[1] the epoch, KEYS[2] the sorted set of session
 * ids, scored by when each session ends. And one over a single session.
 */

/**
 * How far apart the clocks of two servers may be: an id stays listed this long after its session has ended,
 * so that a server that is behind, and still takes the session for live, can end it. One hour; the design
 * asks for seconds.
 */
const clockTolerance = 3_600_000

/**
 * An epoch that somebody has read compares right for this long at least, 400 days: reading it (GETEX) and
 * raising it both start the time anew. So neither can an epoch of n vanish under a sign-in that has read n,
 * nor can one be raised and vanish again, back to 0, under a sign-in that has read 0: the sign-in would have
 * to take longer than this.
 */
export const epochLifetime: number = 400 * 86_400_000

/**
 * Lists an id, never earlier than it stood; forgets the ids that are over; lets the set live as long as its
 * last session.
 */
const list = `
local now = tonumber(ARGV[4])
redis.call('ZADD', KEYS[2], 'GT', ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('(%.0f', now - ${clockTolerance}))
local last = redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
if last then
  redis.call('PEXPIRE', KEYS[2], string.format('%.0f', tonumber(last) - now + ${clockTolerance}))
end
return 1
`

/**
 * ARGV: epoch of the sign-in, session id, its end, now. Answers 0, and lists nothing, if the epoch is another
 * by now.
 */
export const enterScript: string = `
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
${list}`

/**
 * ARGV as above, the end being the new one. Answers 0 if the session is not listed and the epoch is no longer
 * its own: then it was revoked. Not listed at its own epoch, it was not revoked and the list was lost: it is
 * listed again.
 */
export const keepScript: string = `
if not redis.call('ZSCORE', KEYS[2], ARGV[2]) and (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then
  return 0
end
${list}`

/**
 * Raises the epoch and answers the ids as of this instant. They stay listed until their sessions are gone.
 */
export const revokeScript: string = `
redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], '${epochLifetime}')
return redis.call('ZRANGE', KEYS[2], 0, -1)
`

/**
 * KEYS: a session. ARGV: revision expected, now, new text, its time-to-live. Answers 0 if it changed, ended
 * or never was.
 */
export const replaceScript: string = `
local text = redis.call('GET', KEYS[1])
if not text or text == 'pending' then return 0 end
local revision, endsAt = string.match(text, '^(%d+):(%d+):%[')
if not revision then
  return redis.error_reply('ERR not a session that Mortise wrote')
end
if revision ~= ARGV[1] or tonumber(endsAt) <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
`

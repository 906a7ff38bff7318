/** The name under which Mortise keeps its session in a browser. */
export const cookieName = "__Host-session"

const start = `${cookieName}=`

/**
 * The least that finds the session among the cookies of a request.
 *
 * @param {string} header
 */
export function sessionCookie(header) {
  const at = header.indexOf(start)
  if (at === -1) return undefined
  const end = header.indexOf(";", at)
  return header.slice(at + start.length, end === -1 ? undefined : end)
}

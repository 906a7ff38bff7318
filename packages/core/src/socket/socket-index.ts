import type { Principal } from "../sessions/session.js"

/** Sockets by session and by user. Nothing is left of one that was removed. */
export interface SocketIndex<Socket> {
  readonly all: ReadonlySet<Socket>
  add(socket: Socket, principal: Principal<object>): void
  remove(socket: Socket, principal: Principal<object>): void
  /** A copy, so that sockets can be closed while one goes through it. */
  ofSession(sessionId: string): readonly Socket[]
  ofUser(userId: string): readonly Socket[]
}

export function socketIndex<Socket>(): SocketIndex<Socket> {
  const all = new Set<Socket>()
  const bySession = new Map<string, Set<Socket>>()
  const byUser = new Map<string, Set<Socket>>()

  return {
    all,
    add(socket, { session, userId }) {
      all.add(socket)
      put(bySession, session.id, socket)
      put(byUser, userId, socket)
    },
    remove(socket, { session, userId }) {
      all.delete(socket)
      drop(bySession, session.id, socket)
      drop(byUser, userId, socket)
    },
    ofSession: (sessionId) => [...(bySession.get(sessionId) ?? [])],
    ofUser: (userId) => [...(byUser.get(userId) ?? [])],
  }
}

function put<Socket>(map: Map<string, Set<Socket>>, key: string, socket: Socket): void {
  const there = map.get(key)
  if (there) there.add(socket)
  else map.set(key, new Set([socket]))
}

function drop<Socket>(map: Map<string, Set<Socket>>, key: string, socket: Socket): void {
  const there = map.get(key)
  there?.delete(socket)
  if (there?.size === 0) map.delete(key)
}

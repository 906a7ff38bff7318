import { almanac } from "../../../auth/auth"

export const dynamic = "force-dynamic"

/** Whether this server is at work, and which: a page that waits for another one looks at it. */
export async function GET(): Promise<Response> {
  const { settings, stores } = almanac()
  await stores.members.list({ limit: 1 })
  return Response.json({ pid: process.pid, sessions: settings.sessions })
}

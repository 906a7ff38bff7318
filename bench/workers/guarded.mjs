import { createAuth, opaque } from "@mortise/core"
import { magicLink } from "@mortise/core/magic-link"
import { memoryStores } from "@mortise/core/memory"
import { mortise, requireSession } from "@mortise/hono"
import { Hono } from "hono"

/**
 * A Worker as its author would write it, and a route that signs in by a link, so that the bench has a cookie. The users are in memory: a session
 * on KV or on a Durable Object is checked without them.
 *
 * @param {(env: any, clock: () => number) => Partial<import("@mortise/core").Stores>} storesOf
 */
export function guarded(storesOf) {
  let built
  /** So much later it is: a session on KV is looked at more closely in its first minutes, which is not what is measured. */
  let later = 0
  const clock = () => Date.now() + later

  /** @param {any} env */
  function build(env) {
    /** @type {string[]} */
    const links = []
    const auth = createAuth({
      origin: "http://localhost",
      secret: "q8Zr2LxkV0c5TnYb7WdJ4mHs9GfPaE3u",
      stores: /** @type {any} */ ({ ...memoryStores({ clock }), ...storesOf(env, clock) }),
      sessions: opaque({ acceptStaleness: 60 }),
      flows: { magicLink: magicLink({ send: async ({ url }) => void links.push(url) }) },
      clock,
    })
    /** @type {Hono<import("@mortise/hono").MortiseEnv<typeof auth>>} */
    const app = new Hono()
    app.use(mortise(auth, { address: (c) => c.req.header("cf-connecting-ip") }))
    app.get("/me", requireSession(), (c) => c.json({ id: c.get("auth")?.userId }))
    app.get("/cookie", async (c) => {
      await auth.flows.magicLink.start({ email: "ada@example.com", locale: "en" })
      const token = new URL(links.at(-1) ?? "").searchParams.get("token") ?? undefined
      const outcome = await auth.flows.magicLink.confirm({ token })
      later += 600_000
      return c.text(outcome.ok ? `__Host-session=${outcome.session.token}` : outcome.reason)
    })
    return app
  }

  return {
    /**
     * @param {Request} request
     * @param {any} env
     * @param {any} context
     */
    fetch(request, env, context) {
      built ??= build(env)
      return built.fetch(request, env, context)
    },
  }
}

import { Hono } from "hono"

// The least that a Worker of this kind does: the same route, nothing asked.
const app = new Hono()
app.get("/me", (c) => c.json({ id: "somebody" }))

export default app

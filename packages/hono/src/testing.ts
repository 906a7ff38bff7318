/** For tests of a host: what its application answers, and which guards stand before it. Asks Hono's own router, and sends nothing. */
export { routesOf } from "./testing/routes-of.js"

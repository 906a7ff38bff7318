import type { KeyRing } from "../../sessions/jwt/keys.js"
import { type Route, route } from "../route.js"

/** The public keys (RFC 7517 §5), for other services that check our tokens. */
export function jwksRoute(ring: Pick<KeyRing, "jwks">): Route {
  return route({
    name: "jwks",
    method: "GET",
    path: "jwks",
    step: async () => ({ ok: true, json: await ring.jwks(), page: "home" }),
  })
}

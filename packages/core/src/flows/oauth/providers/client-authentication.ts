import { ClientSecretBasic, ClientSecretPost, None } from "oauth4webapi"
import type { Authentication } from "./token-endpoint.js"

/** How a client shows its secret (RFC 6749 §2.3.1): in the header, in the body, or not at all. */
export type ClientAuthentication = "basic" | "post" | "none"

/** The same by its name, for providers of which a host decides it. */
export const authenticationBy: Readonly<Record<ClientAuthentication, Authentication>> = {
  basic: ClientSecretBasic,
  post: ClientSecretPost,
  none: None,
}

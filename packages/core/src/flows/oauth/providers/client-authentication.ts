import { ClientSecretBasic, ClientSecretPost, None } from "oauth4webapi"
import { checkedOption } from "./checked-option.js"
import type { Authentication } from "./token-endpoint.js"

/** How a client shows its secret (RFC 6749 §2.3.1): in the header, in the body, or not at all. */
export type ClientAuthentication = "basic" | "post" | "none"

const byName: Readonly<Record<ClientAuthentication, Authentication>> = {
  basic: ClientSecretBasic,
  post: ClientSecretPost,
  none: None,
}

/** The same by its name, for providers of which a host decides it. @throws ConfigError for a name that is none of them */
export function authenticationBy(provider: string, name: ClientAuthentication): Authentication {
  checkedOption(
    provider,
    "clientAuthentication",
    name,
    Object.hasOwn(byName, name),
    '"basic", "post" or "none"',
  )
  return byName[name]
}

import { allowInsecureRequests, type CustomFetchOptions, customFetch } from "oauth4webapi"
import type { Network } from "../../../network/network.js"

/** Has oauth4webapi send its requests through our network, which decides whether an address may be asked, and by what protocol. */
export function throughNetwork(network: Network): {
  [allowInsecureRequests]: true
  [customFetch]: (
    url: string,
    options: CustomFetchOptions<string, URLSearchParams | undefined>,
  ) => Promise<Response>
} {
  return {
    [allowInsecureRequests]: true,
    [customFetch]: (url, { body, headers, method }) =>
      network.fetch(url, { method, headers, body: body ?? null }),
  }
}

import type { Incoming } from "./incoming.js"

/** The first language that the browser likes, in its order and without its region too (RFC 4647 §3.4), and that the host has; before them what was `said`, if the host has that. */
export function likedLocale(
  incoming: Incoming,
  has: (locale: string) => boolean,
  said?: unknown,
): string | undefined {
  const liked = (incoming.header("accept-language") ?? "").split(",").map((one) => one.split(";")[0]?.trim())
  const wanted = [said, ...liked.flatMap((one) => [one, one?.split("-")[0]])]
  return wanted.find((one): one is string => typeof one === "string" && has(one))
}

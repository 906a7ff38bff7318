/*
 * The one thing that is needed of the runtime's own module. Not the published types, which are those of a whole
 * other world of globals and would meet the DOM's in every program that reads these sources.
 */
declare module "cloudflare:workers" {
  export abstract class DurableObject<Env = unknown> {
    constructor(state: unknown, env: Env)
  }
}

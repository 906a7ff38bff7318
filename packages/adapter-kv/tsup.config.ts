import { packageBuild } from "../../tools/tsup-preset.mjs"

// A module of the Workers runtime itself.
export default { ...packageBuild(), external: ["cloudflare:workers"] }

// `pnpm build`: installs and builds all packages, unless nothing changed since the last build.
import { makeFresh } from "./fresh.mjs"

await makeFresh()

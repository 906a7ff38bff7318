import { packageBuild } from "../../tools/tsup-preset.mjs"

/** Rollup, which comes with `treeshake`, would drop `"use client"`; there is nothing here to shake off. */
export default { ...packageBuild(), treeshake: false }

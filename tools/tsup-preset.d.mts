import type { Plugin } from "esbuild"
import type { Options } from "tsup"

/** How every package is built. */
export function packageBuild(): Options | Options[] | (() => Options)

/** How @oslojs/* comes into our build: only what is used. */
export function bundledOslo(): Plugin[]

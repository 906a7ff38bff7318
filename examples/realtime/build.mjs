// `pnpm build`: the three programs with what they import from src; packages stay imports.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as esbuild from "esbuild"

const here = fileURLToPath(new URL(".", import.meta.url))

/** Takes a tenth of a second, so it is done at every start. A file that is already right is not touched: another server may be reading it. */
export async function build() {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ["src/server.ts", "src/scale.ts", "src/stand-in.ts"],
    outdir: "dist",
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: true,
    write: false,
  })
  for (const { path, contents } of outputFiles) {
    const present = await readFile(path).catch(() => undefined)
    if (present?.equals(contents)) continue
    await mkdir(dirname(path), { recursive: true })
    const fresh = `${path}.${process.pid}`
    await writeFile(fresh, contents)
    await rename(fresh, path)
  }
}

if (process.argv[1] === join(here, "build.mjs")) await build()

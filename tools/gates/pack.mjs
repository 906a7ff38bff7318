// What npm will serve works in an empty project: it installs from the tarballs, signs a user in, and compiles
// with declarations, under both ways in which TypeScript resolves modules.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root, runCommand } from "../command.mjs"
import { withTarballs } from "./pack/tarballs.mjs"

await withTarballs(async (tarballs) => {
  const project = mkdtempSync(join(tmpdir(), "mortise-consumer-"))
  try {
    await consume(project, tarballs)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

/**
 * @param {string} project an empty directory
 * @param {string[]} tarballs
 */
async function consume(project, tarballs) {
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
  for (const file of ["sign-in.mjs", "consumer.ts"])
    cpSync(join(root, "tools/gates/pack", file), join(project, file))
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
  // With the declarations that a host of ours on Express and Node has anyway.
  const declarations = ["@types/express@5", "@types/node@20"]
  if (!(await succeeds("npm", ["install", "--prefix", project, ...quiet, ...tarballs, ...declarations])))
    return
  await succeeds(process.execPath, [join(project, "sign-in.mjs")])
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(configuration(module, resolution)))
    await succeeds("tsc", ["-p", project])
  }
}

/**
 * @param {string | undefined} module
 * @param {string | undefined} moduleResolution
 */
function configuration(module, moduleResolution) {
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false }
  const output = { declaration: true, emitDeclarationOnly: true, outDir: "out" }
  const platform = { target: "es2022", lib: ["es2022", "dom", "dom.iterable"], types: ["node"] }
  return {
    compilerOptions: { module, moduleResolution, ...strict, ...output, ...platform },
    files: ["consumer.ts"],
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 */
async function succeeds(program, args) {
  const success = (await runCommand(program, args)) === 0
  if (!success) process.exitCode = 1
  return success
}

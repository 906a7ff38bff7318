// Every entry of every published package resolves, with its types, as TypeScript and Node resolve modules.
// The profile leaves out the two ways in which a package without CommonJS cannot be reached.
import { runCommand } from "../command.mjs"
import { withTarballs } from "./pack/tarballs.mjs"

await withTarballs(async (tarballs) => {
  for (const tarball of tarballs) {
    const options = ["--profile", "esm-only", "--format", "ascii", "--no-emoji"]
    if ((await runCommand("attw", [tarball, ...options])) !== 0) process.exitCode = 1
  }
})

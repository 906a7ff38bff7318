// Every published package.json says what is true: files exist, are in the format they claim, and so on.
import { runCommand } from "../command.mjs"
import { withTarballs } from "./pack/tarballs.mjs"

await withTarballs(async (tarballs) => {
  for (const tarball of tarballs) {
    if ((await runCommand("publint", ["run", "--strict", tarball])) !== 0) process.exitCode = 1
  }
})

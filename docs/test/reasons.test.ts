import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { reasons } from "../../packages/core/src/http/problem.js"
import { accountReasons } from "../../packages/core/src/http/routes/account-routes.js"
import { deactivationReasons } from "../../packages/core/src/http/routes/deactivation-routes.js"
import { emailReasons } from "../../packages/core/src/http/routes/email-routes.js"
import { magicLinkReasons } from "../../packages/core/src/http/routes/magic-link-routes.js"
import { mfaReasons } from "../../packages/core/src/http/routes/mfa-routes.js"
import { oauthReasons } from "../../packages/core/src/http/routes/oauth-routes.js"
import { passkeyReasons } from "../../packages/core/src/http/routes/passkey-routes.js"
import { passwordReasons } from "../../packages/core/src/http/routes/password-routes.js"
import { refreshReasons } from "../../packages/core/src/http/routes/refresh-routes.js"

const page = readFileSync(new URL("../reasons.md", import.meta.url), "utf8")

function rows(heading: string): readonly (readonly string[])[] {
  const section = page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? ""
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")))
}

/** Every `ERR_…` that stands as a literal in a package's sources. */
function codesInSources(): ReadonlySet<string> {
  const found = new Set<string>()
  for (const name of readdirSync("packages")) {
    for (const file of readdirSync(`packages/${name}/src`, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue
      for (const [code] of readFileSync(`packages/${name}/src/${file}`, "utf8").matchAll(/\bERR_[A-Z_]+\b/g))
        found.add(code)
    }
  }
  found.delete("ERR_INTERNAL")
  // jose's, which appear as the detail of an event only.
  for (const code of found) if (/^ERR_JW[KS]S?_/.test(code)) found.delete(code)
  return found
}

describe("docs/reasons.md says what the code says", () => {
  test("every reason, with its status", () => {
    const documented = Object.fromEntries(
      rows("Reasons").map(([, reason, status]) => [reason, Number(status)]),
    )
    const all = {
      ...reasons,
      ...passwordReasons,
      ...oauthReasons,
      ...mfaReasons,
      ...magicLinkReasons,
      ...emailReasons,
      ...deactivationReasons,
      ...passkeyReasons,
      ...accountReasons,
      ...refreshReasons,
    }
    const coded = Object.fromEntries(Object.entries(all).map(([reason, [status]]) => [reason, status]))
    expect(documented).toEqual(coded)
  })
  test("every reason has a meaning", () => {
    for (const row of rows("Reasons")) expect(row[3]?.length).toBeGreaterThan(10)
  })
  test("every code", () => {
    expect(
      rows("Faults")
        .map(([, code]) => code)
        .sort(),
    ).toEqual([...codesInSources()].sort())
  })
})

import { expect, test } from "vitest"
import { allTokens, ask, bearer } from "./client.js"
import { stageForFile } from "./stage.js"

const stage = stageForFile()

test.each(["SIGTERM", "SIGKILL"] as const)("a restart after %s signs nobody out", async (signal) => {
  const tokens = await allTokens(stage.url)
  await stage.restart(signal)
  for (const [token, path] of [
    [tokens.admin, "/admin/dashboard"],
    [tokens.store, "/store/ACME/dashboard"],
    [tokens.customer, "/storefront/account/orders"],
  ] as const) {
    expect(await ask(stage.url + path, bearer(token))).toMatchObject({ status: 200 })
  }
})

import { readdirSync } from "node:fs"
import { afterAll, expect, test } from "vitest"
import { startHostileProvider } from "../oauth/hostile-provider/hostile-provider.js"
import { oauthApp } from "../oauth/oauth-app.js"

const remote = await startHostileProvider()
afterAll(() => remote.stop())

test("the host that the tables run over has every flow: one per folder of src/flows", () => {
  const folders = readdirSync(new URL("../../src/flows/", import.meta.url), { withFileTypes: true })
  const names = folders
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()))
  expect(Object.keys(oauthApp(remote).auth.flows).sort()).toEqual(names.sort())
})

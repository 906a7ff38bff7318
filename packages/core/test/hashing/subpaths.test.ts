import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { expect, test } from "vitest"

// A host that uses one hasher must not have to install, load or bundle what another needs.
test.each([
  ["argon2", ["@node-rs/argon2", "node:crypto", "node:module", "node:os"]],
  ["scrypt", ["node:crypto"]],
  ["bcrypt", ["@node-rs/bcrypt"]],
  ["pbkdf2", ["node:crypto"]],
  ["breach", []],
])("the entry %s imports from outside just %j", async (entry, expected) => {
  const source = fileURLToPath(new URL(`../../src/${entry}.ts`, import.meta.url))
  const options = { bundle: true, write: false, metafile: true, format: "esm", packages: "external" } as const
  const { metafile, outputFiles } = await build({ ...options, entryPoints: [source], external: ["node:*"] })
  const imported = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  // By `createRequire`, which no bundler follows.
  const text = outputFiles.map((file) => file.text).join("")
  const required = [...text.matchAll(/\brequire\d*\("([^"]+)"\)/g)].map(([, path]) => path)
  expect([...new Set([...imported, ...required])].sort()).toEqual(expected)
})

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const packages = readdirSync("packages").map((folder) => {
  return [folder, JSON.parse(readFileSync(`packages/${folder}/package.json`, "utf8"))] as const
})

describe.each(packages)("packages/%s/package.json", (folder, manifest) => {
  it("is a publishable module of ours, without side effects, with its sources", () => {
    expect(manifest).toMatchObject({
      name: `@mortise/${folder}`,
      license: "MIT",
      type: "module",
      sideEffects: false,
      engines: { node: ">=20.19" },
      publishConfig: { access: "public" },
    })
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "src", "README.md"]))
  })

  it("offers every entry as source first, then types, then code, all of one name", () => {
    for (const [subpath, target] of Object.entries<Record<string, string>>(manifest.exports)) {
      if (subpath === "./package.json") continue
      const source = target["@mortise/source"] ?? ""
      expect(existsSync(`packages/${folder}/${source}`), `${folder} ${subpath}`).toBe(true)
      const name = source.replace("./src/", "").replace(".ts", "")
      expect(Object.entries(target)).toEqual([
        ["@mortise/source", source],
        ["types", `./dist/${name}.d.ts`],
        ["default", `./dist/${name}.js`],
      ])
    }
  })

  it("keeps its range on core open until 1.0, or every minor would become a major release", () => {
    if (folder === "core" || !manifest.version.startsWith("0.")) return
    expect(manifest.peerDependencies["@mortise/core"]).toBe("workspace:>=0.0.0 <1.0.0")
    expect(manifest.dependencies?.["@mortise/core"]).toBeUndefined()
  })
})

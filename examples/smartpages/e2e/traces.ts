import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

/** Where in the files of all stores something stands that an address can be told by: as it is, encoded, or as a digest without a key. */
export async function tracesOf(address: string, folder: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const file of await filesBelow(folder)) {
    const bytes = (await readFile(file)).toString("latin1")
    const anyCase = bytes.toLowerCase()
    for (const [name, text] of formsOf(address)) {
      const within = name.startsWith("base64") ? bytes : anyCase
      if (within.includes(name.startsWith("base64") ? text : text.toLowerCase()))
        found.push(`${name} in ${file}`)
    }
  }
  return found
}

function formsOf(address: string): [name: string, text: string][] {
  const forms: [string, string][] = []
  for (const spelling of new Set([address, address.toLowerCase(), address.toUpperCase()])) {
    forms.push(["the address", spelling], ["percent-encoded", encodeURIComponent(spelling)])
    forms.push(["hex", Buffer.from(spelling).toString("hex")])
    forms.push(...base64Of(Buffer.from(spelling)))
    for (const algorithm of ["sha256", "sha1", "md5"]) {
      const digest = createHash(algorithm).update(spelling).digest()
      forms.push(
        [`${algorithm}, hex`, digest.toString("hex")],
        [`${algorithm}, bytes`, digest.toString("latin1")],
      )
      for (const encoding of ["base64", "base64url"] as const) {
        forms.push([`base64 of ${algorithm}`, digest.toString(encoding).replace(/=+$/, "")])
      }
    }
  }
  const [local = ""] = address.split("@")
  return [...forms, ["what stands before the @", local]]
}

/** Base64 of bytes in the middle of others, whichever of three places they begin at; without the ends, which depend on the others. */
function base64Of(bytes: Buffer): [name: string, text: string][] {
  return [0, 1, 2].flatMap((before) =>
    (["base64", "base64url"] as const).map((encoding): [string, string] => {
      const text = Buffer.concat([Buffer.alloc(before), bytes])
        .toString(encoding)
        .replace(/=+$/, "")
      return [`base64 at ${before}`, text.slice(Math.ceil((before * 8) / 6), -1)]
    }),
  )
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

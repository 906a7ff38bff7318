import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { installDebianPackage } from "./debian-package.mjs"

/**
 * The path of a program that a test service needs: from PATH or `directories`, else installed where this
 * process may install, else an Error that says what to run.
 *
 * @param {{ names: string[], directories?: () => string[], debianPackage: string }} options
 *   `directories` is asked again after an installation, which may have created them.
 * @returns {Promise<string>}
 */
export async function findProgram({ names, directories = () => [], debianPackage }) {
  const present = locateProgram(names, directories())
  if (present !== undefined) return present
  await installDebianPackage(debianPackage)
  const installed = locateProgram(names, directories())
  if (installed !== undefined) return installed
  throw new Error(`${debianPackage} was installed, yet none of ${names.join(", ")} can be found.`)
}

/**
 * @param {string[]} names
 * @param {string[]} directories searched after PATH
 * @returns {string | undefined}
 */
function locateProgram(names, directories) {
  const places = [...(process.env.PATH ?? "").split(delimiter), ...directories].filter(
    (place) => place !== "",
  )
  return places.flatMap((place) => names.map((name) => join(place, name))).find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

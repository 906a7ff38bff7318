import { findProgram } from "./find-program.mjs"

/**
 * The path of a Chromium or Chrome for playwright-core, which brings none. As root, launch it with
 * `--no-sandbox`.
 *
 * @returns {Promise<string>}
 */
export function locateChromium() {
  return findProgram({
    names: [
      "chromium",
      "chromium-browser",
      "google-chrome",
      "google-chrome-stable",
      "Google Chrome",
      "Chromium",
    ],
    directories: () => [
      "/Applications/Google Chrome.app/Contents/MacOS",
      "/Applications/Chromium.app/Contents/MacOS",
    ],
    debianPackage: "chromium",
  })
}

/**
 * The same without windows, which a whole Chromium draws even where nobody sees them: it takes half the processor. Every page thinks that it is
 * looked at. Where it is not to be had, the whole one, which does the same.
 *
 * @returns {Promise<string>}
 */
export function locateHeadlessShell() {
  return findProgram({
    names: ["chromium-headless-shell", "chrome-headless-shell"],
    debianPackage: "chromium-headless-shell",
  }).catch(locateChromium)
}

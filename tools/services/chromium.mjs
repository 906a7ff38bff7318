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

/** The path of a Chromium or Chrome for playwright-core. As root, launch it with `--no-sandbox`. */
export function locateChromium(): Promise<string>

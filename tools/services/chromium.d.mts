/** The path of a Chromium or Chrome for playwright-core. As root, launch it with `--no-sandbox`. */
export function locateChromium(): Promise<string>

/** The same without windows: quicker, and every page thinks that it is looked at. Where it is not to be had, the whole one. */
export function locateHeadlessShell(): Promise<string>

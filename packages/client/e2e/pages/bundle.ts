import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import type { RealHost } from "../../test/real-host.js"

/** The page's script as browsers get it. */
export async function bundled(name: "plain" | "react" | "solid" | "passkey"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@mortise/source", "development"],
    define: { "process.env.NODE_ENV": '"development"' },
    write: false,
    logLevel: "error",
  })
  return outputFiles[0]?.text ?? ""
}

/** Puts a page at a path of the host's: with what a server has rendered, and what it hands in. */
export function putPage(
  host: RealHost,
  path: string,
  script: string,
  rendered: (request: Request) => Promise<{ html?: string; handed?: object | null }> = async () => ({}),
): void {
  host.pages.set(`${path}.js`, () => new Response(script, { headers: { "content-type": "text/javascript" } }))
  host.pages.set(path, async (request) => {
    const { handed, html = "" } = await rendered(request)
    const given = handed === undefined ? "" : `<script>handed = ${JSON.stringify(handed)}</script>`
    const page = `<!doctype html><title>Test</title><link rel="icon" href="data:,"><body><div id="root">${html}</div>
      ${given}<script type="module" src="${path}.js"></script></body>`
    return new Response(page, {
      headers: { "content-type": "text/html", "cache-control": "private, no-store" },
    })
  })
}

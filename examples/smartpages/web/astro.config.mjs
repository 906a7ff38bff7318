import { createHash } from "node:crypto"
import solid from "@astrojs/solid-js"
import { defineConfig } from "astro/config"
import { generateHydrationScript } from "solid-js/web"

/** Solid's own inline script, which Astro does not count among those that it hashes. */
const solidScript = generateHydrationScript().replace(/^<script>|<\/script>.*$/gs, "")
/** @type {`sha256-${string}`} */
const solidHash = `sha256-${createHash("sha256").update(solidScript).digest("base64")}`

// Files that the Core Worker serves: nothing is rendered on request.
export default defineConfig({
  output: "static",
  integrations: [solid()],
  // `/de/login` is the file de/login.html, without a slash at its end.
  build: { format: "file", assets: "assets" },
  trailingSlash: "never",
  devToolbar: { enabled: false },
  experimental: {
    // Hashes of the scripts that start the islands; everything else is a file of ours.
    csp: {
      directives: [
        "default-src 'none'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
      ],
      scriptDirective: { hashes: [solidHash] },
    },
  },
})

// Waits for the next server and goes back. The old one may still answer for a moment, so it is known by its process.
const { pid } = document.currentScript.dataset

async function look() {
  try {
    // One that the old server took and never answered must not be waited for.
    const answer = await fetch("/api/health", { cache: "no-store", signal: AbortSignal.timeout(3000) })
    const health = answer.ok ? await answer.json() : undefined
    if (health && String(health.pid) !== pid) return location.replace("/#session")
  } catch {}
  setTimeout(look, 300)
}

look()

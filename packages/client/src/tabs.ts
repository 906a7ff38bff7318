/**
 * Opens the line to this application's other tabs: by `BroadcastChannel`, or where there is none by `storage` events, for which a message
 * lies in `localStorage` only for the moment of its sending. Answers how to tell them something. A message never has a secret in it.
 *
 * @param hear gets whatever any script of this origin sends under the name
 */
export function openTabs(
  name: string,
  hear: (message: unknown) => void,
  signal: AbortSignal,
): (message: object) => void {
  if (typeof BroadcastChannel === "function") {
    const channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }) => hear(data)
    signal.addEventListener("abort", () => channel.close())
    return (message) => signal.aborted || channel.postMessage(message)
  }
  addEventListener(
    "storage",
    ({ key, newValue }) => {
      if (key === name && newValue) hear(parsed(newValue))
    },
    { signal },
  )
  return function tell(message) {
    // A browser may forbid storage, or have no room.
    try {
      localStorage.setItem(name, JSON.stringify(message))
      localStorage.removeItem(name)
    } catch {}
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

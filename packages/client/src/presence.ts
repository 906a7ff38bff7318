/** What somebody does who is there. Not `scroll`: pages scroll by themselves. */
const deeds = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]

/** What a page hears of the person before it. */
export interface PresenceListener {
  /** The tab is looked at (again), or has been left: ask `document.hidden`. */
  readonly turned: () => void
  /** Pointer, keys, wheel or touch, each single event: it must cost nothing. */
  readonly acted: () => void
  /** There is a network again. */
  readonly online: () => void
}

/** Listens for whether somebody looks at the page and uses it. Slows down neither scrolling nor typing. */
export function watchPresence(listener: PresenceListener, signal: AbortSignal): void {
  const { acted, online, turned } = listener
  document.addEventListener("visibilitychange", turned, { signal })
  addEventListener("focus", turned, { signal })
  addEventListener("online", online, { signal })
  // A script's own events are nobody's deed.
  const real = (event: Event): void => void (event.isTrusted && acted())
  for (const deed of deeds) addEventListener(deed, real, { signal, capture: true, passive: true })
}

"use client"

import { useSession } from "@mortise/client/react"
import { useRouter } from "next/navigation"
import { useEffect, useRef } from "react"

/**
 * Keeps the rest of the page up with the session. When somebody has signed in in another tab it is rendered again in its place; when they have signed
 * out it is loaded anew, so that nothing of what they saw stays on the screen or in a cache.
 */
export function KeepUp({ renderedFor }: { readonly renderedFor: string | null }) {
  const { status, user } = useSession()
  const router = useRouter()
  const asked = useRef<string | null>(renderedFor)
  const now = user?.id ?? null
  useEffect(() => {
    if (status === "loading" || now === asked.current) return
    asked.current = now
    if (now === null) location.reload()
    else router.refresh()
  }, [status, now, router])
  return null
}

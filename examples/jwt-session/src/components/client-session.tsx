"use client"

import { createAuthClient } from "@mortise/client"
import { SessionProvider } from "@mortise/client/react"
import { type ReactNode, useState } from "react"
import type { AlmanacAuth, SignedIn } from "../auth/auth"

declare module "@mortise/client" {
  interface Register {
    auth: AlmanacAuth
  }
}

/** One client for all of the page, with what the server found out already. */
export function ClientSession(props: { readonly handedIn: SignedIn | null; readonly children: ReactNode }) {
  const [client] = useState(() => createAuthClient<AlmanacAuth>())
  return (
    <SessionProvider client={client} session={props.handedIn}>
      {props.children}
    </SessionProvider>
  )
}

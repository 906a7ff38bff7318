// Compiled against the tarballs, with declarations: what a host exports without writing its type must be
// nameable from outside our packages (TS2742), and our own declarations must hold without skipLibCheck.
import { createAuth, opaque } from "@mortise/core"
import { memoryStores } from "@mortise/core/memory"
import { password } from "@mortise/core/password"
import { scrypt } from "@mortise/core/scrypt"
import { mortise as expressMortise, requireSession as requireExpressSession } from "@mortise/express"
import { mortise as honoMortise, requireSession as requireHonoSession } from "@mortise/hono"

export const hasher = scrypt()

export const stores = memoryStores()

export const sessions = opaque({ idle: "24h", absolute: "30d" })

export const passwordFlow = password({ hasher })

export const auth = createAuth({
  origin: "https://app.example.com",
  secret: "4fPz0Jq7n1sVbQx9RmT2wKc8LdYh5GuE",
  stores,
  sessions,
  flows: { password: passwordFlow },
  claims: (user) => ({ email: user.email }),
})

export const { flows } = auth

export const handle = auth.handle

export const signIn = (email: string, password: string) => auth.flows.password.signIn({ email, password }, {})

export const onExpress = [expressMortise(auth), requireExpressSession()]

export const onHono = [honoMortise(auth), requireHonoSession()]

import { expect, test } from "vitest"
import { modelled, playFamilies } from "./family-model.js"
import { tokenApp, withAda } from "./token-app.js"

test("any history of owner, thief, lost answers, time and revocation, on two instances over memory stores", async () => {
  const { auth, clock, stores, user } = await withAda({ refresh: modelled })
  const twin = tokenApp({ clock, stores, refresh: modelled })
  const tally = await playFamilies({ auths: [auth, twin.auth], clock, userId: user.id }, 300)
  for (const name of ["rotated", "reused", "revoked", "over", "alive"])
    expect([name, tally[name]]).toEqual([name, expect.toSatisfy((count: number) => count > 20)])
}, 60_000)

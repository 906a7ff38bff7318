import { setTimeout } from "node:timers/promises"
import { test } from "vitest"

test("goes round and round", async () => {
  await setTimeout(500)
  for (;;);
})

import { expect, test } from "vitest"
import { newPresence } from "../src/room/presence.js"

const ines = { userId: "1", name: "Ines" }
const tom = { userId: "2", name: "Tom" }

test("everybody is there once, by name, whichever servers they are on", () => {
  const presence = newPresence(() => 0)
  presence.hear("a", [tom, ines])
  presence.hear("b", [tom])
  expect(presence.people()).toEqual([ines, tom])
})

test("what a server says takes the place of what it said before", () => {
  const presence = newPresence(() => 0)
  presence.hear("a", [tom, ines])
  presence.hear("a", [ines])
  expect(presence.people()).toEqual([ines])
})

test("a server that says nothing for longer than fifteen seconds is forgotten, with its people", () => {
  let now = 0
  const presence = newPresence(() => now)
  presence.hear("a", [tom])
  now = 1
  presence.hear("b", [ines])
  now = 15_000
  expect(presence.people()).toEqual([ines, tom])
  now = 15_001
  expect(presence.people()).toEqual([ines])
})

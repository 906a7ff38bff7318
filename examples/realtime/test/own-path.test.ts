import { expect, test } from "vitest"
import { ownPath } from "../src/pages/asked.js"

test.each(["/", "/room/close", "/keeper?check=1"])("%s is a way back", (path) => {
  expect(ownPath(path)).toBe(path)
})

test.each([
  undefined,
  "",
  "room",
  "//elsewhere.example",
  "/\\elsewhere.example",
  "https://elsewhere.example",
  "/\t/elsewhere.example",
  "/room#x",
  "javascript:alert(1)",
])("%s is none", (path) => {
  expect(ownPath(path)).toBe("/")
})

import { expect, test } from "vitest"
import { sentAfter } from "../src/responses.js"

test.each([
  ["", "s=new; Path=/", "s=new"],
  ["s=old", "s=new; Path=/", "s=new"],
  ["a=1; s=old; b=2", "s=new", "a=1; b=2; s=new"],
  // Another one that only ends alike, or has the name in its value.
  ["xs=old; y=s=old", "s=new", "xs=old; y=s=old; s=new"],
  // Twice: somebody planted one.
  ["s=old;s=planted", "s=new", "s=new"],
  ["a=1; s=old", "s=; Max-Age=0", "a=1"],
])("%j, after %j, is %j", (header, setCookie, after) => {
  expect(sentAfter(header, setCookie)).toBe(after)
})

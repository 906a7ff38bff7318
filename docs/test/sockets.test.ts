import { readFileSync } from "node:fs"
import { closeCodes } from "@mortise/core/socket"
import { expect, test } from "vitest"

const page = readFileSync(new URL("../sockets.md", import.meta.url), "utf8")

function section(heading: string): string {
  return page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? ""
}

test("docs/sockets.md lists every close code, and no other", () => {
  const rows = [...section("Close codes").matchAll(/^\| `(\w+)` \| (\d+) \|/gm)]
  expect(Object.fromEntries(rows.map(([, reason, code]) => [reason, Number(code)]))).toEqual(closeCodes)
  expect(rows).toHaveLength(Object.keys(closeCodes).length)
})

test("docs/sockets.md lists every option that is a limit", () => {
  const source = readFileSync("packages/core/src/socket/settings.ts", "utf8")
  const [, options = ""] = /export interface SocketOptions<[^{]*\{([\s\S]*?)\n\}/.exec(source) ?? []
  const named = [...options.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name as string)
  const rows = [...section("Limits").matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name as string)
  expect(named.length).toBeGreaterThan(8)
  const limits = named.filter((name) => !["rule", "messages", "rateLimits"].includes(name))
  expect(rows.sort()).toEqual(limits.sort())
})

test.each([
  ["socket.closed", "SocketEnd"],
  ["socket.refused", "SocketRefusal"],
])("docs/events.md lists every cause of %s, and no other", (type, union) => {
  const source = readFileSync("packages/core/src/events.ts", "utf8")
  const causesIn = (name: string): readonly string[] => {
    const [, text = ""] = new RegExp(`type ${name} =([\\s\\S]*?)\\n\\n`).exec(source) ?? []
    const own = [...text.matchAll(/"(\w+)"/g)].map(([, cause]) => cause as string)
    return text.includes("SocketMisuse") ? [...own, ...causesIn("SocketMisuse")] : own
  }
  const events = readFileSync(new URL("../events.md", import.meta.url), "utf8")
  const [, listed = ""] = new RegExp(`^\\| \`${type}\` \\|[^|]*?\`cause\`: ([^;.]*)`, "m").exec(events) ?? []
  expect(causesIn(union).length).toBeGreaterThan(8)
  const causes = [...listed.matchAll(/`(\w+)`/g)].map(([, cause]) => cause)
  expect(causes.sort()).toEqual([...causesIn(union)].sort())
})

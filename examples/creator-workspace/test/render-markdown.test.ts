import { describe, expect, test } from "vitest"
import { renderMarkdown } from "../src/articles/render-markdown.js"
import { html, render } from "../src/html.js"

function markupOf(text: string): string {
  return render(renderMarkdown(text).body)
}

describe("what an article may not do", () => {
  test.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](vbscript:x)",
    "[click](data:text/html,<script>alert(1)</script>)",
    '![x](https://example.com/x.png" onerror="alert(1))',
    '<https://example.com/"onmouseover=alert(1)>',
    '```html"><script>alert(1)</script>\nx\n```',
    "![<script>alert(1)</script>](x.png)",
    "<svg/onload=alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
  ])("%s", (text) => {
    const markup = markupOf(text)
    const tags = [...markup.matchAll(/<(\w+)([^>]*)>/g)]
    for (const [, name, attributes] of tags) {
      expect(["p", "a", "img", "pre", "code", "span"]).toContain(name)
      expect(attributes).not.toMatch(/\son\w+\s*=/i)
      expect(attributes).not.toMatch(/(?:href|src)="(?!https?:)/i)
    }
  })
})

test("headings start below the heading of the page", () => {
  expect(markupOf("# One\n\n###### Six\n")).toBe("<h2>One</h2>\n<h6>Six</h6>\n")
})

test("the title is the first heading as text, or else what the front matter says", () => {
  expect(renderMarkdown("text\n\n## A *fine* `title`\n").title).toBe("A fine title")
  expect(renderMarkdown('---\ntitle: "In front"\ndraft: true\n---\nText only.\n').title).toBe("In front")
  expect(renderMarkdown("Text only.\n").title).toBeUndefined()
})

test("front matter is no part of the text", () => {
  const { body, words } = renderMarkdown("---\ntitle: x\n---\nThree short words\n")
  expect(render(body)).toBe("<p>Three short words</p>\n")
  expect(words).toBe(3)
})

test("a file name is no link, an address is, and says nothing about where it was followed from", () => {
  expect(markupOf("See README.md")).toBe("<p>See README.md</p>\n")
  expect(markupOf("https://example.com")).toContain(
    '<a href="https://example.com" rel="nofollow noopener noreferrer">',
  )
})

test("an image that did not come along is named, one on the web is shown", () => {
  expect(markupOf("![The mill](mill.jpg)")).toBe('<p><span class="absent">Image: The mill</span></p>\n')
  expect(markupOf("![The mill](https://example.com/mill.jpg)")).toContain(
    '<img src="https://example.com/mill.jpg"',
  )
})

test("what stands in a template cannot break out of it", () => {
  const text = `"'><script>&`
  expect(render(html`<p title="${text}">${[text, 1, false, undefined]}</p>`)).toBe(
    '<p title="&#34;&#39;&#62;&#60;script&#62;&#38;">&#34;&#39;&#62;&#60;script&#62;&#38;1</p>',
  )
})

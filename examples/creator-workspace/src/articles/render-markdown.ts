import MarkdownIt from "markdown-it"
import { escapeHtml, type Html, trusted } from "../html.js"

/** An article as it is shown. */
export interface RenderedArticle {
  /** The first heading, the title of the front matter, or undefined. */
  readonly title: string | undefined
  readonly body: Html
  readonly words: number
}

// `html: false` turns markup in the text into text, and markdown-it links to http, https and mailto only, never to javascript: or data:.
// So nothing has to be taken out afterwards; the content security policy stands behind it.
const markdown = new MarkdownIt({ html: false, linkify: true, typographer: true })
// Otherwise every README.md would become a link to a site in Moldova.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

// The page has a level-one heading of its own.
markdown.core.ruler.push("lower_headings", ({ tokens }) => {
  for (const token of tokens) {
    if (token.type !== "heading_open" && token.type !== "heading_close") continue
    token.tag = `h${Math.min(Number(token.tag.slice(1)) + 1, 6)}`
  }
})

markdown.renderer.rules.link_open = (tokens, index, options, _env, renderer) => {
  tokens[index]?.attrSet("rel", "nofollow noopener noreferrer")
  return renderer.renderToken(tokens, index, options)
}

// Only the text was imported, so an image beside it is not here.
const drawImage = markdown.renderer.rules.image
markdown.renderer.rules.image = (tokens, index, options, env, renderer) => {
  const token = tokens[index]
  if (token && drawImage && /^https:/i.test(String(token.attrGet("src")))) {
    token.attrSet("loading", "lazy")
    return drawImage(tokens, index, options, env, renderer)
  }
  return `<span class="absent">Image: ${escapeHtml(token?.content ?? "")}</span>`
}

/** Markdown as markup that is safe to show, whatever the text holds. */
export function renderMarkdown(text: string): RenderedArticle {
  const { matter, rest } = withoutFrontMatter(text)
  const environment = {}
  const tokens = markdown.parse(rest, environment)
  const heading = tokens.findIndex((token) => token.type === "heading_open")
  const words = heading === -1 ? undefined : tokens[heading + 1]?.children
  return {
    title: words
      ? markdown.renderer.renderInlineAsText(words, markdown.options, environment)
      : titleIn(matter),
    body: trusted(markdown.renderer.render(tokens, markdown.options, environment)),
    words: rest.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word)).length,
  }
}

/** Static site generators keep their settings between two lines of dashes at the top; they are not part of the text. */
function withoutFrontMatter(text: string): { matter: string; rest: string } {
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/.exec(text)
  return match ? { matter: match[1] ?? "", rest: text.slice(match[0].length) } : { matter: "", rest: text }
}

function titleIn(matter: string): string | undefined {
  return /^title:[ \t]*(["']?)(.+?)\1[ \t]*$/m.exec(matter)?.[2]
}

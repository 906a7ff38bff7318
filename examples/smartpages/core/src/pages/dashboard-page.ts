import type { Locale } from "../../../words/locale.js"
import { isWordKey, wordsIn } from "../../../words/words.js"

/** The one built dashboard in a language: every element that names its words gets them, and whoever is signed in sees their address. */
export function dashboardPage(page: Response, locale: Locale, email: string): Response {
  const words = wordsIn(locale)
  return new HTMLRewriter()
    .on("html", {
      element(root) {
        root.setAttribute("lang", locale)
      },
    })
    .on("[data-words]", {
      element(element) {
        const key = element.getAttribute("data-words")
        if (isWordKey(key)) element.setInnerContent(words[key])
      },
    })
    .on("[data-words-label]", {
      element(element) {
        const key = element.getAttribute("data-words-label")
        if (isWordKey(key)) element.setAttribute("aria-label", words[key])
      },
    })
    .on("[data-email]", {
      element(element) {
        element.setInnerContent(email)
      },
    })
    .on("a[hreflang]", {
      element(link) {
        if (link.getAttribute("hreflang") === locale) link.setAttribute("aria-current", "true")
        else link.removeAttribute("aria-current")
      },
    })
    .on('input[name="return_to"]', {
      element(field) {
        field.setAttribute("value", `/${locale}/login`)
      },
    })
    .transform(page)
}

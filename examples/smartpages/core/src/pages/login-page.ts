import type { Locale } from "../../../words/locale.js"
import { errorWords, noticeWords } from "../../../words/sign-in-words.js"

/** Reasons after which the code can be typed once more. */
const codeStillGood = new Set(["code_invalid"])

/**
 * The built sign-in page, completed by what its address says: which form, which words, where to go afterwards. The island in the page does the
 * same for itself; this is for browsers that run no scripts.
 */
export function loginPage(page: Response, locale: Locale, query: URLSearchParams): Response {
  const error = query.get("error")
  const sent = query.get("notice") === "link_sent" || codeStillGood.has(error ?? "")
  const words = {
    error: error === null ? undefined : errorWords(locale, error, query.get("retry_after")),
    notice: noticeWords(locale, query.get("notice")),
  }
  return new HTMLRewriter()
    .on("[data-step]", {
      element(step) {
        if ((step.getAttribute("data-step") === "sent") === sent) step.removeAttribute("hidden")
        else step.setAttribute("hidden", "")
      },
    })
    .on("[data-banner]", {
      element(banner) {
        const text = words[banner.getAttribute("data-banner") as keyof typeof words]
        if (text !== undefined) banner.removeAttribute("hidden").setInnerContent(text)
      },
    })
    .on('input[name="return_to"]', {
      element(field) {
        field.setAttribute("value", query.get("return_to") ?? "")
      },
    })
    .transform(page)
}

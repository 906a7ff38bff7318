import type { Request, Response } from "express"
import multer, { MulterError } from "multer"
import type { ImportProblem } from "../pages/messages.js"
import { type Article, articleLimit } from "./article.js"

/** What came of an upload: an article, or a reason to tell the creator. */
export type Upload =
  | { readonly ok: true; readonly article: Article }
  | { readonly ok: false; readonly problem: ImportProblem }

const parse = multer({
  storage: multer.memoryStorage(),
  defParamCharset: "utf8",
  limits: { fileSize: articleLimit, files: 1, fields: 0, parts: 1 },
}).single("article")

/** Takes one file out of a multipart form, never more of it than the limit, and reads it as UTF-8 text. */
export async function readUpload(request: Request, response: Response): Promise<Upload> {
  const refused = await new Promise<unknown>((resolve) => parse(request, response, resolve))
  if (refused instanceof MulterError && refused.code === "LIMIT_FILE_SIZE") return problem("file_too_large")
  const { file } = request
  if (refused || !file || file.originalname === "") return problem("no_file")
  const markdown = decode(file.buffer)
  if (markdown === undefined) return problem("not_text")
  if (markdown.trim() === "") return problem("empty_file")
  return {
    ok: true,
    article: { fileName: file.originalname.slice(0, 255), markdown, importedAt: Date.now() },
  }
}

/** Undefined for what is no UTF-8, and for NUL, which UTF-8 allows and no text holds. A byte order mark goes. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return text.includes("\0") ? undefined : text
  } catch {
    return undefined
  }
}

function problem(name: ImportProblem): Upload {
  return { ok: false, problem: name }
}

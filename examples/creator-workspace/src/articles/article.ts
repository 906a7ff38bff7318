/** What a creator has imported: the text as it came, never markup. */
export interface Article {
  /** As the browser named it; unverified. */
  readonly fileName: string
  readonly markdown: string
  readonly importedAt: number
}

/** One article per user. */
export interface ArticleStore {
  find(userId: string): Promise<Article | undefined>
  /** Keeps the article in place of the one before. Of parallel imports the last one stays. */
  save(userId: string, article: Article): Promise<void>
}

/** Largest file that is taken, in bytes: about 40,000 words. */
export const articleLimit: number = 256 * 1024

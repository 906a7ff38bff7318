// Nothing: what the checker does for any file at all.
export {}

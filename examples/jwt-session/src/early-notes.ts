/** What changes next. */
export const earlyNotes: readonly { readonly version: string; readonly text: string }[] = [
  { version: "2.4", text: "Search goes through the notes of all versions at once." },
  { version: "2.5", text: "Notes can be read on paper: a style sheet for the printer." },
  { version: "3.0", text: "A feed for every part of the project." },
]

import { packageDocs } from "../../tools/typedoc-preset.mjs"

export default packageDocs(import.meta.url, {
  undocumented: ["index.UserOf.__type.users.__type.find"],
})

import { packageDocs } from "../../tools/typedoc-preset.mjs"

export default packageDocs(import.meta.url, {
  undocumented: ["ClaimsOf.__type.auth.__type.authenticate"],
})

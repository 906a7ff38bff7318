import { packageDocs } from "../../tools/typedoc-preset.mjs"

export default packageDocs(import.meta.url)

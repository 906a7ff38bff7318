import { packageBuild } from "../../tools/tsup-preset.mjs"

export default packageBuild()

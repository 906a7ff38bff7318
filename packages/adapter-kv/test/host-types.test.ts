import { fileURLToPath } from "node:url"
import ts from "typescript"
import { expect, test } from "vitest"

/*
 * A program of its own, since the published types of Workers are another world of globals than the DOM's, in which
 * everything else here is checked. Only the host's file is asked about: the sources beneath it are not meant for that
 * world, their declarations are.
 */
test("the bindings of a Worker fit by their published types, and others do not", () => {
  const folder = fileURLToPath(new URL("../host-types/", import.meta.url))
  const file = `${folder}tsconfig.json`
  const { config } = ts.readConfigFile(file, ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder, {}, file)
  const program = ts.createProgram(fileNames, options)
  const host = program.getSourceFiles().find(({ fileName }) => fileName.endsWith("host-types/host.ts"))
  expect(host?.text).toContain("durableObjectStores(env.AUTH)")
  const found = [...program.getSyntacticDiagnostics(host), ...program.getSemanticDiagnostics(host)]
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([])
}, 120_000)

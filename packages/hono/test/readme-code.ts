import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"

/** The TypeScript of a page, block by block. */
export function codeBlocks(page: URL): readonly string[] {
  const text = readFileSync(page, "utf8")
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code)
}

/** Runs one block as a module over the given modules, and answers what it exports. */
export function runBlock(code: string, modules: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  })
  const exported: Record<string, unknown> = {}
  const load = (name: string): unknown => {
    if (name in modules) return modules[name]
    throw new Error(`The page imports ${name}, which the test does not give it.`)
  }
  new Function("require", "exports", outputText)(load, exported)
  return exported
}

/**
 * What the compiler says of code that stands, for it alone, in a file beside `place`: in a program of its own, so that declarations which
 * a host merges into ours do not reach other tests. `paths` are those of a tsconfig.json.
 */
export function complaintsOf(
  code: string,
  place: URL,
  paths: NonNullable<ts.CompilerOptions["paths"]> = {},
): readonly string[] {
  return diagnosticsOf([code], place, paths).map((each) => `${lineOf(each)}: ${messageOf(each)}`)
}

/** The same for many pieces, each a file of its own in one program, `of-a-page-0.ts` and so on; a complaint names it. */
export function complaintsOfAll(
  pieces: readonly string[],
  place: URL,
  paths: NonNullable<ts.CompilerOptions["paths"]> = {},
): readonly string[] {
  return diagnosticsOf(pieces, place, paths).map(
    (each) => `${each.file?.fileName.split("/").at(-1)}:${lineOf(each)}: ${messageOf(each)}`,
  )
}

function diagnosticsOf(
  pieces: readonly string[],
  place: URL,
  paths: NonNullable<ts.CompilerOptions["paths"]>,
): readonly ts.Diagnostic[] {
  const folder = fileURLToPath(new URL("./", place))
  const files = new Map(pieces.map((code, index) => [`${folder}of-a-page-${index}.ts`, code]))
  const { config } = ts.readConfigFile(
    fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url)),
    ts.sys.readFile,
  )
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder)
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, target, ...rest) => {
    const code = files.get(name)
    return code === undefined ? getSourceFile(name, target, ...rest) : ts.createSourceFile(name, code, target)
  }
  const program = ts.createProgram(
    [...files.keys()],
    { ...options, paths, isolatedDeclarations: false, declaration: false },
    host,
  )
  const sources = program.getSourceFiles().filter(({ fileName }) => !fileName.includes("/node_modules/"))
  return sources.flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ])
}

function messageOf({ messageText }: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, "\n")
}

function lineOf({ file, start = 0 }: ts.Diagnostic): number {
  return (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
}

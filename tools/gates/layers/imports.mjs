import ts from "typescript"

/**
 * @typedef {object} Import
 * @property {string} specifier as written
 * @property {boolean} typeOnly it is gone after compilation
 * @property {number} line
 */

/**
 * Every import of a file: `import`, `export … from`, `import("…")` as an expression and as a type.
 *
 * @param {string} path
 * @param {string} text
 * @returns {Import[]}
 */
export function readImports(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  /** @type {Import[]} */
  const imports = []

  /**
   * @param {ts.Node | undefined} specifier
   * @param {boolean} typeOnly
   */
  function add(specifier, typeOnly) {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const line = source.getLineAndCharacterOfPosition(specifier.getStart()).line + 1
    imports.push({ specifier: specifier.text, typeOnly, line })
  }

  /** @param {ts.Node} node */
  function visit(node) {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsOnlyTypes(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return imports
}

/**
 * `import { type A } from "x"` does not count: under verbatimModuleSyntax it still loads "x".
 *
 * @param {ts.ImportClause | undefined} clause
 */
function importsOnlyTypes(clause) {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword
}

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * A browser's translator puts elements of its own in place of text nodes. React, which still holds the text nodes, then fails at the next
 * change beside them, or writes into the old ones where nobody reads. Text that is an element's only child is set whole, and is safe.
 */
const FOLDER = import.meta.dirname;

/** Expressions whose value is drawn as elements, or not at all. */
function isElements(node: ts.Node): boolean {
  if (ts.isParenthesizedExpression(node)) return isElements(node.expression);
  if (ts.isConditionalExpression(node)) return isElements(node.whenTrue) && isElements(node.whenFalse);
  if (ts.isBinaryExpression(node)) return isElements(node.right);
  if (ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)) return true;
  if (ts.isArrowFunction(node)) return isElements(node.body);
  if (ts.isCallExpression(node)) {
    const name = node.expression.getText();
    // `select` of the filters is a function that draws one.
    return /(\.|^)(map|flatMap|row|select)$/.test(name);
  }
  // Slots, which are typed as elements, `children` aside.
  if (ts.isIdentifier(node)) return ['children', 'undefined', 'header', 'footer', 'first', 'below', 'beside', 'none'].includes(node.text);
  return node.kind === ts.SyntaxKind.NullKeyword;
}

const isText = (child: ts.JsxChild): boolean =>
  ts.isJsxText(child)
    ? child.text.trim() !== ''
    : ts.isJsxExpression(child) && child.expression !== undefined && !isElements(child.expression);

const isDrawn = (child: ts.JsxChild): boolean =>
  ts.isJsxText(child) ? child.text.trim() !== '' : !ts.isJsxExpression(child) || child.expression !== undefined;

function mixedIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(FOLDER, '..', file), 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) {
      const drawn = node.children.filter(isDrawn);
      if ((drawn.length > 1 || ts.isJsxFragment(node)) && drawn.some(isText)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${file}:${line + 1} ${drawn.find(isText)?.getText().trim()}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('pages that a browser translates', () => {
  it('have text only as an element’s only child, never beside others', () => {
    const files = globSync('{parts,shop,staff}/**/*.tsx', { cwd: join(FOLDER, '..') });
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(mixedIn)).toEqual([]);
  });
});

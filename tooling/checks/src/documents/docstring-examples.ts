import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../root.js';

/** An `@example` of a docstring. */
export interface DocstringExample {
  readonly file: string;
  /** Line of the docstring's declaration, from 1. */
  readonly line: number;
  /** Folder of the package. */
  readonly package: string;
  readonly code: string;
}

const fence = /```ts\n([\s\S]*?)```/g;

const examplesIn = (file: string): DocstringExample[] => {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: DocstringExample[] = [];
  const seen = new Set<number>();
  const visit = (node: ts.Node): void => {
    for (const doc of ts.getJSDocCommentsAndTags(node)) {
      if (!ts.isJSDoc(doc) || seen.has(doc.pos)) continue;
      seen.add(doc.pos);
      for (const tag of doc.tags ?? []) {
        if (tag.tagName.text !== 'example') continue;
        const text = ts.getTextOfJSDocComment(tag.comment) ?? '';
        const line = source.getLineAndCharacterOfPosition(tag.pos).line + 1;
        for (const [, code] of text.matchAll(fence))
          found.push({ file, line, package: file.split('/')[1]!, code: code! });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

/** The `@example`s of all sources of packages, tests aside. */
export const docstringExamples = (): readonly DocstringExample[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'packages/*/src/**/*.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !/\.test\.ts$|\/testing\//.test(file))
    .flatMap((file) => (readFileSync(join(root, file), 'utf8').includes('@example') ? examplesIn(file) : []));

/** Names that code uses and neither declares nor imports. */
export const freeNames = (code: string): ReadonlySet<string> => {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true);
  const declared = new Set<string>();
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node)) return;
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isName =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isMethodDeclaration(parent) && parent.name === node) ||
        (ts.isBindingElement(parent) && parent.propertyName === node);
      const isDeclared =
        ((ts.isBindingElement(parent) ||
          ts.isVariableDeclaration(parent) ||
          ts.isParameter(parent) ||
          ts.isFunctionDeclaration(parent) ||
          ts.isClassDeclaration(parent)) &&
          parent.name === node) ||
        ts.isImportSpecifier(parent) ||
        ts.isNamespaceImport(parent);
      if (isDeclared) declared.add(node.text);
      else if (!isName) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return new Set([...used].filter((name) => !declared.has(name) && !(name in globalThis)));
};

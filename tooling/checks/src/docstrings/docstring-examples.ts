import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../root.js';

/** An `@example` of a docstring. */
export interface DocstringExample {
  /** File and name of the declaration, such as `packages/core/src/bytes.ts parseBytes`. */
  readonly title: string;
  readonly file: string;
  /** Folder of the package. */
  readonly folder: string;
  readonly code: string;
}

const fence = /```ts\n([\s\S]*?)```/g;

/** Name of what a node declares; a file's own docstring has none. */
const declaredBy = (node: ts.Node): string => {
  const named = ts.isVariableStatement(node) ? node.declarationList.declarations[0]! : node;
  return (named as { readonly name?: ts.Node }).name?.getText() ?? '';
};

/** The `@example`s of a source, in order. */
export const examplesIn = (file: string, text: string): readonly DocstringExample[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: DocstringExample[] = [];
  const seen = new Set<number>();
  const visit = (node: ts.Node): void => {
    for (const doc of ts.getJSDocCommentsAndTags(node)) {
      if (!ts.isJSDoc(doc) || seen.has(doc.pos)) continue;
      seen.add(doc.pos);
      for (const tag of doc.tags ?? []) {
        if (tag.tagName.text !== 'example') continue;
        const blocks = (ts.getTextOfJSDocComment(tag.comment) ?? '').matchAll(fence);
        const [, folder = ''] = file.split('/');
        for (const [, code] of blocks)
          found.push({ title: `${file} ${declaredBy(node)}`.trim(), file, folder, code: code! });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

/** The `@example`s of all sources of packages, tests aside. */
export const docstringExamples = (): readonly DocstringExample[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'packages/*/src/*.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !/\.test\.ts$|\/testing\//.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return text.includes('@example') ? examplesIn(file, text) : [];
    });

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packagesIn } from '../packages.js';
import { root } from '../root.js';

/** An entry of a package, and the names of the values and types that it exports. */
export interface ExportedNames {
  /** Folder of the package. */
  readonly folder: string;
  readonly entry: string;
  readonly names: ReadonlySet<string>;
}

const namesIn = (code: string): readonly string[] =>
  ts.createSourceFile('api.ts', code, ts.ScriptTarget.Latest).statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => (name as ts.Identifier).text);
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    )
      return statement.exportClause.elements.map(({ name }) => name.text);
    const { name } = statement as ts.DeclarationStatement;
    return name ? [name.text] : [];
  });

/** The names that every entry exports. They are read from docs/api, which `pnpm check:api` compares with the sources. */
export const exportedNames = (): readonly ExportedNames[] => [
  // Its only export, which has no source to report.
  { folder: 'minilm-mlm', entry: '@ntk-lens/minilm-mlm', names: new Set(['modelDirectory']) },
  ...packagesIn(root)
    .filter(({ entries }) => entries.length > 0)
    .flatMap(({ directory }) => {
      const folder = directory.split('/').at(-1)!;
      const report = readFileSync(join(root, 'docs/api', `${folder}.md`), 'utf8');
      return [...report.matchAll(/^## ([^\s,]+).*\n\n```ts\n([\s\S]*?)^```$/gm)].map(([, entry, code]) => ({
        folder,
        entry: entry!,
        names: new Set(namesIn(code!)),
      }));
    }),
];

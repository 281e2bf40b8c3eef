import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Application, type DocumentationEntryPoint, LogLevel } from 'typedoc';
import ts from 'typescript';
import { optionsOf } from '../../checks/src/api-report.js';
import { packagesIn } from '../../checks/src/packages.js';
import { mendAnchors } from './mend-anchors.js';
import { referenceFolder, root } from './root.js';

/** Entries of all packages by their names. Where a package has an entry for Node, it stands for the one for browsers, which has less. */
export const entries = (): readonly { readonly name: string; readonly file: string }[] => {
  const all = packagesIn(root).flatMap((home) => home.entries);
  const forBrowsers = new Set(all.flatMap(({ browser }) => browser ?? []));
  return all
    .filter(({ file }) => !forBrowsers.has(file))
    .map(({ name, file }) => ({ name: name.replace(', in Node alone', ''), file }));
};

/** A problem that typedoc found in docstrings. */
export class DocstringProblemsError extends Error {
  readonly code = 'BAD_REFERENCE';

  constructor(count: number) {
    super(
      `typedoc found ${count} problems in docstrings, which are listed above. Expected none. Correct them.`,
    );
    this.name = 'DocstringProblemsError';
  }
}

/**
 * Writes a page for every entry of a package, from the docstrings.
 *
 * @throws DocstringProblemsError where a docstring links to something that is not there
 */
export const writeReference = async (): Promise<void> => {
  const out = join(root, referenceFolder);
  rmSync(out, { recursive: true, force: true });
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    // The types of all packages are checked by their own command.
    skipErrorChecking: true,
    out,
    logLevel: LogLevel.Warn,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    readme: 'none',
    // A name is found by the editor; addresses of lines would go stale.
    disableSources: true,
    basePath: root,
    displayBasePath: root,
    ...({
      outputFileStrategy: 'modules',
      hidePageHeader: true,
      hideBreadcrumbs: true,
      entryFileName: 'index',
      useCodeBlocks: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      propertyMembersFormat: 'table',
      typeDeclarationFormat: 'table',
    } as object),
  });
  const listed = entries();
  const program = ts.createProgram(
    listed.map(({ file }) => file),
    { ...optionsOf(root), removeComments: false },
  );
  const points = listed.map(
    ({ name, file }): DocumentationEntryPoint => ({
      displayName: name,
      program,
      sourceFile: program.getSourceFile(file)!,
    }),
  );
  const project = app.converter.convert(points);
  project.name = 'Reference';
  app.validate(project);
  await app.outputs.writeOutput({ name: 'markdown', path: out }, project);
  mendAnchors(out);
  const problems = app.logger.errorCount + app.logger.warningCount;
  if (problems > 0) throw new DocstringProblemsError(problems);
};

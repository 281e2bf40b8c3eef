import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../root.js';

/**
 * Compiles texts in one program, each as a file of this folder that exists in memory only.
 *
 * @param texts texts by the names of their files
 * @param more options that differ from those of the repository
 * @returns the errors of each file that has some
 */
export const typeErrors = (
  texts: ReadonlyMap<string, string>,
  more: ts.CompilerOptions = {},
): ReadonlyMap<string, readonly string[]> => {
  const files = new Map([...texts].map(([name, text]) => [join(import.meta.dirname, name), text]));
  const { config } = ts.readConfigFile(join(root, 'tooling/tsconfig/base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, files: [] },
    ts.sys,
    join(root, 'tooling/checks'),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, text, version);
  };
  const program = ts.createProgram([...files.keys()], { ...options, ...more }, host);
  const errors = [...texts.keys()].map((name) => {
    const source = program.getSourceFile(join(import.meta.dirname, name))!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return [
      name,
      found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    ] as const;
  });
  return new Map(errors.filter(([, found]) => found.length > 0));
};

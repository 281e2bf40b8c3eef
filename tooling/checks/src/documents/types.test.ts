import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../root.js';
import { nameOf } from './code-blocks.js';
import { blocksIn } from './documents.js';

test('the examples of all documents have no error of types', () => {
  // Each is a file here, which exists in memory only.
  const examples = new Map(
    blocksIn('ts').flatMap((block, i) => {
      const text = `${block.before}${block.code}\nexport {};\n`;
      // The page that shows a file of the sources imports nothing.
      return text.includes('import ')
        ? [[join(import.meta.dirname, `example-${i}.ts`), { block, text }]]
        : [];
    }),
  );
  const file = join(root, 'tooling/tsconfig/base.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, files: [] },
    ts.sys,
    join(root, 'tooling/checks'),
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => examples.has(name) || fileExists(name);
  host.readFile = (name) => examples.get(name)?.text ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const example = examples.get(name);
    return example ? ts.createSourceFile(name, example.text, version) : getSourceFile(name, version, ...rest);
  };
  const program = ts.createProgram([...examples.keys()], options, host);
  const errors = [...examples].flatMap(([name, { block }]) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(name))
      .map(({ messageText }) => `${nameOf(block)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
  );
  expect(errors).toEqual([]);
  expect(examples.size).toBeGreaterThan(20);
});

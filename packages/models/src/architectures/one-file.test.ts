import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '@ntk-lens/testing/markdown-table';
import { expect, test } from 'vitest';
import { architectureNames } from '../testing/architecture-cases.js';
import { architectures as known, modelTypes } from './registry.js';

// docs/contributing/add-an-architecture.md is followed here, with MPNet for its example.
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const textOf = (file: string): string => readFileSync(`${root}${file}`, 'utf8');
const architectures = 'packages/models/src/architectures/';

/**
 * What packages are made of: no tests, and nothing that tests share. Tokenizers know the classes of tokenizers, which have the
 * names of models, and no architecture.
 */
const sources: readonly string[] = readdirSync(`${root}packages`)
  .filter((name) => name !== 'tokenizers')
  .map((name) => `packages/${name}/src`)
  .filter((folder) => existsSync(`${root}${folder}`))
  .flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => /\.(ts|js)$/.test(file) && !/\.test\.ts$|\/testing\//.test(file));

test('one architecture is one file and one line', () => {
  const files = sources.filter((file) => /mpnet/i.test(`${file} ${textOf(file)}`));
  expect(files).toEqual([`${architectures}all.ts`, `${architectures}mpnet.ts`]);
  const lines = textOf(`${architectures}all.ts`).split('\n');
  expect(lines.filter((line) => /mpnet/i.test(line))).toEqual(["export * from './mpnet.js';"]);
});

test('the guide shows that file, that line and the case of its golden file', () => {
  const guide = textOf('docs/contributing/add-an-architecture.md');
  const examples = [...guide.matchAll(/```(typescript|py)\n(.*?)```/gs)].map(([, , code]) => code!);
  const [file, line, golden] = examples as [string, string, string];
  expect(file).toBe(textOf(`${architectures}mpnet.ts`));
  expect(textOf(`${architectures}all.ts`)).toContain(line);
  expect(textOf('tooling/reference/make_architectures.py')).toContain(golden);
});

/** The table of architectures, between marks of the README that shows it. */
const architectureTable = markdownTable([
  ['`model_type`', 'models', 'language model'],
  ...[...known.values()].map(({ modelType, title, objective }) => [`\`${modelType}\``, title, objective]),
]);
const [start, end] = ['<!-- architectures -->\n\n', '\n\n<!-- end of architectures -->'];

// UPDATE_README=1 writes the table instead of comparing it.
test.each(['packages/models/README.md'])('%s has the table that the registry makes', (file) => {
  const text = textOf(file);
  const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
  if (process.env['UPDATE_README'])
    writeFileSync(`${root}${file}`, `${text.slice(0, from)}${architectureTable}${text.slice(to)}`);
  else expect(text.slice(from, to)).toBe(architectureTable);
});

test('every architecture has a golden model of its name', () => {
  expect(modelTypes.filter((modelType) => !architectureNames.includes(modelType))).toEqual([]);
});

test('no file asks for a model type', () => {
  const asked = /\b(modelType|model_type)\b[^\n]{0,20}[!=]==|switch \([^)]*\b(modelType|model_type)\b/;
  expect(sources.filter((file) => asked.test(textOf(file)))).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startHub, type TestHub } from '@ntk-lens/testing/hub-server';
import { sampled } from '@ntk-lens/testing/sampled';
import { tarOf } from '@ntk-lens/testing/tar-of';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fileServer, serve } from '../../../../packages/tasks/src/testing/file-server.js';
import { type CodeBlock, nameOf } from './code-blocks.js';
import { blocksIn } from './documents.js';
import { readerDirectory } from './reader-directory.js';
import { runExample } from './run-example.js';

/** Examples that cannot run here, by their first line. */
const notRun: Readonly<Record<string, string>> = {
  "import { openLens } from '@ntk-lens/lens'; // in a page":
    'A page runs it; packages/lens/src/web has a test.',
  "import { createRuntime, tf } from '@ntk-lens/engine';":
    'A page runs it: packages/engine/src/web has tests in a browser.',
  "import { createRequire } from 'node:module';":
    'It needs libtensorflow, which docs/native-tfjs.md builds: tooling/native-tfjs has its tests.',
  'export const textbookKernel = async (':
    'It is the file textbook.ts, and references.test.ts compares them.',
};

/** What is replaced in examples, so that they end soon and stay on this machine. */
const replacements = (mirror: string): readonly (readonly [found: string, by: string])[] => [
  ["{ dir: 'data/original' }", `{ dir: 'downloads', endpoints: { 'https://': '${mirror}/' } }`],
  ['await openLens();', "await openLens({ model: 'my-model' });"],
  ['await openLens({ runtime', "await openLens({ model: 'my-model', runtime"],
  ['lens.check(task)', 'lens.check(task, { steps: 2, trajectory: [1, 2], earlySteps: 1 })'],
  ['shots: 16, seed', 'shots: 4, limitTest: 4, seed'],
  ["'roberta.encoder.", "'bert.encoder."],
  ['...defaultRunConfig,', "...defaultRunConfig, model: 'my-model', shots: [4], limitTest: 4,"],
  ['steps: 100,', 'steps: 4,'],
  ['steps: 200,', 'steps: 4,'],
  ['...defaultScheme,', '...defaultScheme, steps: 2, batch: 4,'],
  ['widths: [32, 64, 128]', 'widths: [8, 16, 32]'],
  ['size: 96', 'size: 40'],
];

const blocks = blocksIn('ts', 'js');
const firstLine = ({ code }: CodeBlock): string => code.split('\n')[0]!;
const examples = blocks.filter((block) => !(firstLine(block) in notRun));
const start = process.cwd();
let hub: TestHub;
let server: Awaited<ReturnType<typeof fileServer>>;

beforeAll(async () => {
  const home = await readerDirectory();
  process.chdir(home);
  const model = join(home, 'my-model');
  const files = readdirSync(model).map((name) => [name, readFileSync(join(model, name))] as const);
  hub = await startHub('distilroberta-base', new Map(files), (name) => name.endsWith('.safetensors'));
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(home, 'hub'));
  server = await fileServer();
  const original = (name: string) => readFileSync(join(home, 'data/original/mr', name), 'utf8');
  const archive = {
    'original/mr/train.csv': original('train.csv'),
    'original/mr/test.csv': original('test.csv'),
  };
  server.handle = serve(tarOf(archive));
});
afterAll(async () => {
  process.chdir(start);
  vi.unstubAllEnvs();
  await hub.close();
  await server.close();
});

/** A line with `…` stands for any text there. */
const printed = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[\\s\\S]*')}$`,
  );

test.each(sampled(examples, 6).map((block) => [nameOf(block), block] as const))('%s', async (_, block) => {
  const code = replacements(server.origin).reduce((text, [found, by]) => text.replace(found, by), block.code);
  await rm('runs', { recursive: true, force: true });
  const output = await runExample(block.before + code);
  if (block.output !== undefined && code.includes('console.log'))
    expect(output).toMatch(printed(block.output));
});

test('what is left out or replaced is in some document', () => {
  expect(Object.keys(notRun).filter((line) => !blocks.some((block) => firstLine(block) === line))).toEqual(
    [],
  );
  const all = examples.map(({ code }) => code).join('');
  expect(replacements('').filter(([found]) => !all.includes(found))).toEqual([]);
});

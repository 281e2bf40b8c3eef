import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runExample } from '../documents/run-example.js';
import { typeErrors } from '../documents/type-errors.js';
import { examplesIn } from './docstring-examples.js';
import { freeNames } from './free-names.js';
import { closeReadersValues } from './once.js';
import { freshCopy, preparedDirectory } from './prepared-directory.js';
import { readersValues } from './readers-values.js';
import { declared, wholeExamples } from './whole-examples.js';

/** Examples that are compiled and do not run here, with the reason. The list may only become shorter. */
const notRun: Readonly<Record<string, string>> = {
  'packages/checkpoints/src/hub/hub-model.ts hubModel': 'It asks the Hub.',
  'packages/checkpoints/src/shards/sharded-source.ts shardsFrom': 'It runs in a page.',
  'packages/engine/src/web/create-runtime.ts createRuntime': 'It runs in a page.',
  'packages/engine/src/node/diagnose/diagnose-runtimes.ts diagnoseRuntimes': 'It measures every runtime.',
  'packages/engine/src/node/profile/measure-machine-profile.ts measureMachineProfile': 'It measures.',
  'packages/engine/src/trace/same-value.ts sameValue': 'It is part of a function that is traced.',
  'packages/lens/src/lens.ts check': 'It takes a minute; that of openLens checks too.',
  'packages/models/src/language-model.ts modelFrom': 'It runs in a page.',
  'packages/tokenizers/src/loading/load-tokenizer.ts loadTokenizer': 'It runs in a page.',
  'packages/tasks/src/node/download/download-task.ts downloadTask': 'It asks a server.',
  'packages/queue/src/connect.ts checkRedis': 'It asks a server.',
  'packages/ntk-lens/src/run/demo/demo.ts runDemo': 'It takes a minute.',
  'packages/ntk-lens/src/run/check/check-experiment.ts checkExperiment': 'It takes minutes.',
  'packages/ntk-lens/src/run/finetune/fine-tune-experiment.ts fineTuneExperiment': 'It takes minutes.',
  'packages/ntk-lens/src/reproduce/reproduce.ts reproduce': 'It takes hours.',
  'packages/ntk-lens/src/units/run-worker.ts runWorker': 'It works on planned units.',
  'packages/ntk-lens/src/units/slurm/submit.ts submitToSlurm': 'It needs SLURM.',
  'packages/ntk-lens/src/units/status.ts unitsStatus': 'It reads planned units.',
  'packages/tensor-programs/src/coordinates/coordinate-check.ts checkCoordinates': 'It takes minutes.',
  'packages/tensor-programs/src/node/pretrain/pretrain-ladder.ts pretrainLadder': 'It takes minutes.',
  'packages/tensor-programs/src/node/ladder/check-ladder.ts checkLadder': 'It needs a ladder of models.',
  'packages/tensor-programs/src/node/ladder/ladder-chi.ts ladderChi': 'It needs a ladder of models.',
};

/** What is replaced in examples, so that they end soon. */
const shorter: readonly (readonly [found: string, by: string])[] = [
  ['lens.check(task)', 'lens.check(task, { steps: 2, trajectory: [1, 2], earlySteps: 1 })'],
  ['...defaultRunConfig,', "...defaultRunConfig, model: 'my-model', shots: [4], limitTest: 4,"],
  ["checkModel('minilm-mlm')", "checkModel('my-model')"],
  ["r=8', optimizer: 'adam' });", "r=8', optimizer: 'adam', steps: 4 });"],
  ['steps: 100 }', 'steps: 4 }'],
  ['steps: 200,', 'steps: 4,'],
  ["'roberta.encoder.", "'bert.encoder."],
];
const shortened = (code: string): string =>
  shorter.reduce((text, [found, by]) => text.replaceAll(found, by), code);

const examples = wholeExamples();
const start = process.cwd();
let home: string;

beforeAll(async () => {
  home = await preparedDirectory();
  vi.stubEnv('HF_HUB_CACHE', 'hub');
});
afterAll(async () => {
  await closeReadersValues();
  process.chdir(start);
  vi.unstubAllEnvs();
});

test('no example of a docstring has an error of syntax or of types', () => {
  const files = examples.map((example, i) => [`example-${i}.ts`, example] as const);
  const errors = typeErrors(new Map(files.map(([file, example]) => [file, declared(example)])), {
    // Readers do not set it, types are imported like values here, and some examples are of what no package exports.
    ...{ noUncheckedIndexedAccess: false, verbatimModuleSyntax: false, allowImportingTsExtensions: true },
  });
  const said = files.flatMap(([file, { title }]) =>
    (errors.get(file) ?? []).map((error) => `${title}: ${error}`),
  );
  expect(said).toEqual([]);
  expect(examples.length).toBeGreaterThan(330);
});

/** Entries for Node and for pages have some of the same. */
const run = examples.filter(
  ({ title, code }, i) => !(title in notRun) && examples.findIndex((other) => other.code === code) === i,
);

test.each(sampled(run, 25).map((example) => [example.title, example] as const))(
  'the example of %s runs, and has the values that it says',
  async (_, { imports, given, code }) => {
    process.chdir(await freshCopy(home));
    await runExample(`${imports}\n${shortened(code)}`, await readersValues(given));
  },
);

test('what is left out or replaced is in some example', () => {
  const titles = examples.map(({ title }) => title);
  expect(Object.keys(notRun).filter((title) => !titles.includes(title))).toEqual([]);
  const all = examples.map(({ code }) => code).join('');
  expect(shorter.filter(([found]) => !all.includes(found))).toEqual([]);
});

test('examples of constants, functions and members of interfaces are found', () => {
  const example = (code: string) =>
    `/**\n * It adds.\n *\n * @example\n * \`\`\`ts\n * ${code}\n * \`\`\`\n */`;
  const text = `${example('add(1)')}\nexport const add = 1;\ninterface Lens {\n${example('lens.add(2)')}\nadd(): void }`;
  expect(examplesIn('packages/x/src/x.ts', text)).toMatchObject([
    { title: 'packages/x/src/x.ts add', folder: 'x', code: 'add(1)\n' },
    { title: 'packages/x/src/x.ts add', folder: 'x', code: 'lens.add(2)\n' },
  ]);
});

test('names that an example leaves to its reader are found, with types', () => {
  const code = `import { f } from 'x';
const { a, b: c } = await f(d, { e: g, h }) as NDArray;
class K extends L { static code = 1; }
for (const i of c) console.log(a.j, i, (k: number) => k);`;
  expect([...freeNames(code)].sort()).toEqual(['L', 'NDArray', 'console', 'd', 'g', 'h']);
});

import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Ended, StateScenario } from './mutate-state.js';
import { tarOf } from './tar-of.js';

/**
 * Runs the program. With `stopAfter` it is interrupted as soon as all that it printed on stderr, progress as JSON lines,
 * matches.
 */
export type StartProgram = (argv: readonly string[], stopAfter?: RegExp) => Promise<Ended>;

/** Fields of results that another run of the same work has otherwise: times, and whether work was already there. */
const changing = new Set(['seconds', 'reused']);

const withoutTimes = (bytes: Buffer): string => {
  try {
    return JSON.stringify(JSON.parse(bytes.toString('utf8')), (key, value) =>
      changing.has(key) ? undefined : value,
    );
  } catch {
    return bytes.toString('base64');
  }
};

type Compared = NonNullable<StateScenario['compared']>;

/** Tables hold times; their numbers are those of the results, which are compared. */
const compared: Compared = (file, bytes) => {
  if (/(^|\/)table\.(md|csv|tex)$/.test(file)) return 'a table';
  if (/(^|\/)(metrics|findings)\.json$/.test(file)) return withoutTimes(bytes);
  return bytes.toString('base64');
};

/** Configurations of saved models and adapters are there to be edited. */
const comparedExceptConfig: Compared = (file, bytes) =>
  /(^|\/)(adapter_config|config)\.json$/.test(file) ? undefined : compared(file, bytes);

/** A check does not write again what people read of its finished parts, nor the pieces of a finished measurement. */
const comparedOfCheck: Compared = (file, bytes) =>
  /\/((config|metrics|adapter_config)\.json|parts\/.*)$/.test(file) ? undefined : compared(file, bytes);

/**
 * A check of a ladder with its own examples of a task reads these and the models. It does not need the ladder's list of models, nor the
 * tokenizer and other tasks of the language, which are for people: every model has a tokenizer of its own.
 */
const comparedOfLadder: Compared = (file, bytes) =>
  /^ladder\/(ladder\.json$|language\/(?!sentiment\.csv$))/.test(file)
    ? undefined
    : comparedExceptConfig(file, bytes);

/** Comparison for a command that reads one part of a directory and writes another one. */
const comparedIn =
  (written: RegExp): Compared =>
  (file, bytes) =>
    written.test(file) ? compared(file, bytes) : undefined;

/** Models and adapters may be edited; the identity of a kernel then says that it is another one's. */
const edited: Pick<StateScenario, 'compared' | 'editable'> = {
  compared: comparedIn(/^kernel\//),
  editable: {
    files: /^training\/(model\/config|adapter\/adapter_config)\.json$/,
    recorded: async (directory) => {
      const manifest = await readFile(join(directory, 'kernel', 'manifest.json'), 'utf8');
      return JSON.stringify(JSON.parse(manifest).kernel);
    },
  },
};

/** The least budget that the program takes, which makes more tiles than one. */
const leastMemory = async (start: StartProgram, argv: readonly string[]): Promise<string> => {
  const { error } = await start([...argv, '--memory', '1']);
  const [, least] = /at least (\d+) MiB/.exec(error?.message ?? '') ?? [];
  if (least === undefined) throw new Error(`No budget in ${error?.message}`);
  return `${least}MiB`;
};

/**
 * The files of every command, finished and half finished, and the commands that read them: the seeds of
 * `mutateState`.
 *
 * @param parent gets the directories
 * @param model a directory with a tiny model
 * @param wanted names of scenarios that are made. Default: all
 */
export const stateScenarios = async (
  start: StartProgram,
  parent: string,
  model: string,
  wanted: (name: string) => boolean = () => true,
): Promise<readonly StateScenario[]> => {
  const machine = ['--runtime', 'ort-cpu', '--threads', '1', '--json'];
  const task = ['--model', model, '--shots', '2', '--limit-test', '4'];
  const one = [...task, '--seeds', '13', ...machine];
  const two = [...task, '--seeds', '13,21', ...machine];
  const training = ['--optimizer', 'adam', '--steps', '6', '--evaluate-every', '2', '--trajectory', '0,2'];
  const lora = ['--space', 'lora:r=2', ...training, '--lr', '1e-3,1e-2'];
  const full = ['--space', 'bitfit', ...training, '--lr', '1e-2'];
  const check = ['--optimizer', 'sgd', '--steps', '4', '--probes', '4', '--trajectory', '1,2'];
  const ladder = [
    ...['--widths', '8,16', '--seeds', '0', '--steps', '12', '--batch', '8', '--layers', '1'],
    ...['--base-width', '8', ...machine],
  ];
  await mkdir(parent, { recursive: true });

  const scenarios: StateScenario[] = [];
  /** Leaves a directory with some command lines, the last of them stopped where `stopAfter` is given. */
  const add = async (
    name: string,
    leave: (directory: string) => readonly (readonly string[])[],
    again: (directory: string) => readonly string[],
    { stopAfter, ...more }: { stopAfter?: RegExp } & Pick<StateScenario, 'compared' | 'editable'> = {},
  ): Promise<void> => {
    if (!wanted(name)) return;
    const left = join(parent, name.replace(/\W+/g, '-'));
    const lines = leave(left);
    for (const [i, argv] of lines.entries()) {
      const ended = await start(argv, i === lines.length - 1 ? stopAfter : undefined);
      // Work that is done before the interruption arrives is finished.
      const stopped = i === lines.length - 1 && stopAfter !== undefined && ended.code === 130;
      if (ended.code !== 0 && !stopped)
        throw new Error(`${name}: ${argv.join(' ')} ended with ${JSON.stringify(ended)}`);
    }
    scenarios.push({ name, left, again: (directory) => start(again(directory)), compared, ...more });
  };
  /** The same command line leaves the directory and goes on in it. */
  const resumed = (
    name: string,
    argv: (directory: string) => readonly string[],
    stopAfter?: RegExp,
    compare = compared,
  ) => add(name, (directory) => [argv(directory)], argv, { stopAfter, compared: compare });

  const verified = (argv: (directory: string) => readonly string[]) => (out: string) => [
    ...argv(out),
    '--verify',
  ];
  const run = (out: string) => ['run', '--out', out, ...two];
  // Finished work needs its manifest only, and --verify reads the files that the manifest lists.
  await resumed('run, finished', verified(run));
  await resumed('run, one of two kernels finished', verified(run), /21-sgd/);
  const samples = ['--model', model, '--shots', '4', '--limit-test', '32', '--seeds', '13', ...machine];
  const blocks = [...samples, '--formula', 'cosine', '--blocks', 'layer', '--batch', '2'];
  const memory = await leastMemory(start, ['kernel', '--out', join(parent, 'no-memory'), ...blocks]);
  const kernel = (out: string) => ['kernel', '--out', out, ...blocks, '--memory', memory];
  await resumed('kernel, finished', verified(kernel));
  // An interruption may come too late, and then the work is finished.
  await resumed('kernel, tiles', verified(kernel), /"phase":"kernel"[\s\S]*"phase":"forward"/);
  const finetune = (out: string) => ['finetune', '--out', out, ...one, ...lora];
  await resumed('finetune, finished', verified(finetune), undefined, comparedExceptConfig);
  await resumed('finetune, checkpoints', verified(finetune), /"phase":"fine-tune".*lr 0\.01 /);
  const checked = (out: string) => ['check', '--out', out, ...one, ...check, '--verify'];
  await resumed('check, finished', checked, undefined, comparedOfCheck);
  await resumed('check, parts', checked, /sgd derivatives"[\s\S]*sgd kernel"/, comparedOfCheck);
  const pretrain = (out: string) => ['pretrain', '--out', out, ...ladder];
  await resumed('pretrain, finished', pretrain, undefined, comparedExceptConfig);
  await resumed('pretrain, checkpoints', pretrain, /"phase":"pretrain".*width 16/, comparedExceptConfig);
  const measure = (out: string) => [
    ...['check', '--ladder', join(out, 'ladder'), '--out', join(out, 'check'), '--task', 'sentiment'],
    ...['--shots', '2', '--seeds', '13', '--limit-test', '4', ...machine],
  ];
  await add(
    'check --ladder, measured',
    (directory) => [pretrain(join(directory, 'ladder')), measure(directory)],
    measure,
    { compared: comparedOfLadder },
  );
  await add(
    'solve',
    (directory) => [run(directory)],
    (directory) => ['solve', directory, '--json'],
    { compared: comparedIn(/solve\.json$/) },
  );
  await add(
    'kernel at an adapter',
    (directory) => [['finetune', '--out', directory, ...one, ...lora]],
    (directory) => {
      const adapter = join(directory, 'training', 'adapter');
      return ['kernel', '--out', join(directory, 'kernel'), ...one, '--space', `adapter:${adapter}`];
    },
    edited,
  );
  await add(
    'kernel of a tuned model',
    (directory) => [['finetune', '--out', directory, ...one, ...full]],
    (directory) => {
      const tuned = join(directory, 'training', 'model');
      return ['kernel', '--out', join(directory, 'kernel'), ...one, '--model', tuned];
    },
    edited,
  );
  const archive = await serveReviews();
  const get = (directory: string) => ['tasks', 'get', 'mr', '--dir', directory, '--endpoint', archive.mirror];
  const split = ['split', '--task', 'mr', '--shots', '2', '--seeds', '13'];
  await add(
    'split of downloaded data',
    (directory) => [get(directory)],
    (directory) => [...split, '--original', directory, '--out', join(directory, 'split'), '--json'],
    { compared: comparedIn(/^split\//) },
  );
  await add(
    'run on data of split',
    (directory) => [
      get(join(parent, 'original')),
      [...split, '--original', join(parent, 'original'), '--out', directory],
    ],
    (directory) => ['run', '--task', 'mr', '--data', directory, '--out', join(directory, 'run'), ...one],
    { compared: comparedIn(/^run\//) },
  );
  await archive.close();
  return scenarios;
};

/** Serves a task's archive with a few examples. */
const serveReviews = async () => {
  const reviews = [0, 1].map((label) => Array.from({ length: 8 }, (_, i) => `${label},film ${label}${i}\n`));
  const text = reviews.flat().join('');
  const tar = tarOf({ 'original/mr/train.csv': text, 'original/mr/test.csv': text });
  const server = createServer((_, response) => response.end(tar)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    mirror: `https://nlp.cs.princeton.edu=http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((done) => server.close(done)),
  };
};

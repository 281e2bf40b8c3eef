import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { defaultRunConfig } from '../../options/run-config.js';
import { runCli } from '../../testing/run-cli.js';
import { runsByTask } from './runs-by-task.js';

let root: string;
let onModel: readonly string[];
beforeAll(async () => {
  root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  onModel = ['--model', model, '--shots', '2', '--limit-test', '6', '--quiet', '--threads', '1'];
});

/** What a call found, without its place and its times. */
const found = (stdout: string): unknown =>
  JSON.parse(stdout, (key, value) =>
    ['seconds', 'directory', 'written', 'reused'].includes(key) ? undefined : value,
  );

const commands = [
  ['run', '--formula', 'sgd'],
  ['kernel', '--formula', 'sgd'],
  ['kernel', '--explain'],
  ['finetune', '--steps', '2'],
  ['check', '--optimizer', 'sgd', '--steps', '2'],
];

it.each(sampled(commands, 2))(
  '%s %s %s of several tasks gives what it gives of each alone',
  async (...argv) => {
    const out = join(root, argv.join(''));
    const call = (task: string, folder: string) => {
      const place = argv.includes('--explain') ? [] : ['--out', join(out, folder)];
      return runCli([...argv, ...onModel, '--task', task, ...place, '--json']);
    };
    const both = await call('sentiment, entailment', 'both');
    expect(both.stderr).toBe('');
    expect(both.code).toBe(0);
    const { tasks, format } = found(both.stdout) as { tasks: unknown[]; format: string };
    expect(format).toBe('ntk-lens-tasks');
    if (argv.includes('--explain')) {
      expect(tasks.map((one) => (one as { task: string }).task)).toEqual(['sentiment', 'entailment']);
      return;
    }
    expect(tasks).toEqual([
      found((await call('sentiment', 'sentiment')).stdout),
      found((await call('entailment', 'entailment')).stdout),
    ]);
    const files = (folder: string) => readdir(join(out, folder), { recursive: true });
    for (const task of ['sentiment', 'entailment'])
      expect((await files(`both/${task}`)).sort()).toEqual((await files(task)).sort());
  },
);

it('several tasks are one configuration each, without the data directory where data are embedded', () => {
  const config = { ...defaultRunConfig, data: 'k-shot', task: 'sst2,topic , AG News' };
  expect(runsByTask(config).map(({ task, data }) => [task, data])).toEqual([
    ['SST-2', 'k-shot'],
    ['topic', undefined],
    ['ag_news', 'k-shot'],
  ]);
  const alone = { ...defaultRunConfig, task: 'sst2', data: 'own.csv' };
  expect(runsByTask(alone)).toEqual([alone]);
  const refused = (changed: object) => () => runsByTask({ ...config, ...changed });
  expect(refused({ task: 'SST-2,sst2' })).toThrow(/names SST-2 twice/);
  expect(refused({ task: 'SST-2,nonsense' })).toThrow(/"nonsense" is not known.*Known tasks: SST-2,/);
  expect(refused({ task: 'SST-2,' })).toThrow(/"" is not known/);
  expect(refused({ data: 'own.csv' })).toThrow(/one file: own.csv/);
});

it('tasks whose data are not there are named before any work, and left out with --skip-missing', async () => {
  const data = await temporaryDirectory();
  const out = join(root, 'missing');
  const argv = ['run', ...onModel, '--task', 'SST-2,sentiment,mr', '--data', data, '--out', out];
  const refused = await runCli([...argv, '--json']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/no data for SST-2, mr\. .*set --skip-missing to continue with that task/);
  await expect(readdir(out)).rejects.toThrow('ENOENT');
  const { code, stdout, stderr } = await runCli([...argv, '--skip-missing']);
  expect(code).toBe(0);
  expect(stdout).toContain('sentiment, 2-shot');
  expect(stderr).toMatch(/left out SST-2: .*\n.*left out mr/);
  expect(await readdir(out)).toEqual(['sentiment']);
  const words = ['--mapping', '{"positive":"good","negative":"bad"}'];
  const other = await runCli(['run', ...onModel, '--task', 'sentiment,topic', ...words]);
  expect(other.stderr).toMatch(/^error: topic: /);
  const none = ['run', ...onModel, '--task', 'SST-2,mr', '--data', data, '--skip-missing'];
  expect((await runCli(none)).stderr).toContain('No task is left.');
});

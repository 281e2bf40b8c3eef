import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCli } from '../../testing/run-cli.js';
import { readUnits } from '../manifest.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
// Kubernetes' own schemas, from PyPI (tooling/testing/servers.txt).
const validator =
  process.env['KUBERNETES_VALIDATE_PATH'] ?? here('../../../../../.test-servers/bin/kubernetes-validate');
const hasValidator = existsSync(validator);
if (!hasValidator)
  console.warn(`No kubernetes-validate at ${validator}: the schema of Kubernetes is not compared with.`);

let planned: string;
let manifest: string;
beforeAll(async () => {
  const root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  planned = join(root, 'planned');
  const argv = ['--model', model, '--shots', '2', '--limit-test', '9', '--formula', 'sgd', '--quiet'];
  await runCli(['kernel', ...argv, '--threads', '3', '--out', planned, '--plan-units', '--workers', '4']);
  const { stdout, code } = await runCli([
    ...['kubernetes', '--units', planned, '--image', 'registry/image:1', '--claim', 'work'],
    ...['--model', '/units/a "model"'],
  ]);
  expect(code).toBe(0);
  manifest = stdout;
});

it('every planned worker is an index of the Job, with processors and memory of the plan', async () => {
  const { units, kind } = await readUnits(planned);
  const [workers, assembly] = parseAllDocuments(manifest).map((document) => document.toJS());
  expect(workers.spec).toMatchObject({ completionMode: 'Indexed', completions: 4, parallelism: 4 });
  const [container] = workers.spec.template.spec.containers;
  const index = ['worker', '--units', '/units', '--index', '$(JOB_COMPLETION_INDEX)/4'];
  expect(container.args).toEqual([...index, '--model', '/units/a "model"']);
  const { cpu, memory } = container.resources.requests;
  expect(cpu).toBe(String(kind.threads));
  const largest = Math.max(...units.map(({ peakBytes }) => peakBytes!)) / 2 ** 20;
  expect(Number(memory.replace(/Mi$/, ''))).toBe(Math.ceil(1.25 * largest + 512));
  expect(assembly.spec.suspend).toBe(true);
  expect(assembly.spec.template.spec.containers[0].args).toContain('--assemble');
});

it('the page shows what is printed, except for numbers', async () => {
  const page = await readFile(here('../../../../../docs/scale.md'), 'utf8');
  const shown = /```yaml\n(apiVersion[\s\S]*?)```/.exec(page)?.[1];
  // Formatters of pages write lists over several lines; images and the directory of a model are the user's.
  const general = (text: string): string =>
    JSON.stringify(
      parseAllDocuments(text).map((document) => document.toJS()),
      undefined,
      1,
    )
      .replaceAll(/\d+/g, 'n')
      .replaceAll(/("image": |"\/units\/).*/g, '$1');
  expect(general(shown!)).toBe(general(manifest));
});

it('names that Kubernetes does not take and places that are missing are refused', async () => {
  const line = ['kubernetes', '--units', planned, '--image', 'i', '--claim', 'c'];
  expect((await runCli([...line, '--job-name', 'A_b'])).stderr).toMatch(/lower-case letters/);
  expect((await runCli(line)).stderr).toMatch(/with --model outside/);
});

it.runIf(hasValidator)('the schema of Kubernetes takes it, and refuses one that is not of it', async () => {
  const file = join(planned, 'jobs.yaml');
  const validate = async (text: string): Promise<string> => {
    await writeFile(file, text);
    return promisify(execFile)(validator, ['--strict', '-k', '1.33', file]).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }) => `refused: ${stdout}${stderr}`,
    );
  };
  expect(await validate(manifest)).not.toMatch(/refused/);
  expect(await validate(manifest.replace('completions: 4', 'completions: four'))).toMatch(/refused/);
  expect(await validate(manifest.replace('completionMode', 'completion'))).toMatch(/refused/);
});

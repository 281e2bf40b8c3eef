import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, Verdict } from '@ntk-lens/tensor-programs';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyLens } from '@ntk-lens/testing/tiny-lens';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Lens, type LensTask, openLens } from '../node.js';
import { verdictsOf } from './check-findings.js';
import { sampleIdentity, trainingMeasured } from './check-identity.js';
import { resolveCheck } from './resolve-check.js';

const open = tinyLens(openLens);
const small = { shots: 2, seed: 42, limitTest: 6 };
const short = { steps: 2, trajectory: [1, 2], earlySteps: 1, dropout: false };
let lens: Lens;
let task: LensTask;
beforeAll(async () => {
  lens = open();
  task = await lens.task('sentiment', small);
});

describe('lens.check', () => {
  it('gives the verdict on every condition, and leaves nothing on the disk', async () => {
    const before = await readdir(tmpdir());
    const { findings, verdicts, optimizers, natural, remarks } = await lens.check(task, short);
    expect(Object.keys(verdicts)).toEqual([...new Set(findings.map(({ condition }) => condition))]);
    expect(Object.keys(verdicts)).toContain('early Adam is SignGD');
    expect(optimizers.map(({ optimizer }) => optimizer)).toEqual(['sgd', 'adam']);
    expect(optimizers.map(({ kernels }) => kernels.map(({ formula }) => formula))).toEqual([
      ['sgd'],
      ['signgd', 'a-signgd'],
    ]);
    expect(natural[0]!.test['prompt']).toHaveLength(6);
    expect(remarks).toEqual([]);
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('ntk-lens-check-'));
    expect(left.filter((name) => !before.includes(name))).toEqual([]);
  });

  it('takes the space of its session, and reads what it measured there', async () => {
    const directory = await temporaryDirectory();
    const session = await openLens({ model: lens.directory!, threads: 1, space: 'bitfit' });
    const own = await session.task('sentiment', small);
    const options = { ...short, optimizers: ['sgd'], directory } as const;
    const first = await session.check(own, options);
    expect(first.findings[0]!.subject).toMatch(/^SGD, bitfit/);
    const phases: string[] = [];
    const again = await session.check(own, { ...options, onProgress: ({ phase }) => phases.push(phase) });
    expect(again).toEqual(first);
    expect(phases).toEqual([]);
    const cut = new AbortController();
    cut.abort();
    const cancelled = session.check(own, { ...options, signal: cut.signal });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    await session.close();
  });

  it('refuses what cannot be checked before any work, in the words of its options', async () => {
    const idle = await openLens({ model: lens.directory!, threads: 1 });
    const opened = vi.spyOn(idle.runtime, 'open');
    const plain = await idle.task('sentiment', { ...small, prompt: false });
    const scores = { ...task, spec: { ...task.spec, kind: 'regression' as const } };
    const directory = join(await temporaryDirectory(), 'refused');
    const cases: [LensTask | LensTask[], object, RegExp][] = [
      [[], {}, /tasks.*none/],
      [plain, {}, /no prompt.*`prompt: false`/],
      [scores, {}, /scores.*classification/],
      [task, { optimizers: ['signgd'] }, /optimizers.*sgd, adam/],
      [task, { optimizers: [] }, /optimizers.*at least one/],
      [task, { steps: 4, trajectory: [2, 9] }, /trajectory.*from 1 to 4/],
      [task, { sgdRates: [] }, /learningRates.*at least one/],
      [task, { space: 'nonsense' }, /nonsense/],
      [task, { space: 'lora:r=9999' }, /9999/],
      [task, { probes: 0 }, /probes.*positive/],
    ];
    for (const [tasks, options, message] of cases)
      await expect(idle.check(tasks, { ...options, directory })).rejects.toThrow(message);
    expect(opened).not.toHaveBeenCalled();
    await expect(readdir(directory)).rejects.toThrow('ENOENT');
    await idle.close();
  });
});

it('the verdict on a condition is the worst of its findings', () => {
  const order: readonly Verdict[] = ['fails', 'cannot tell', 'holds'];
  const finding = fc.record({ condition: fc.constantFrom('a', 'b'), verdict: fc.constantFrom(...order) });
  fc.assert(
    fc.property(fc.array(finding), (findings) => {
      const verdicts = verdictsOf(findings as Finding[]);
      for (const condition of ['a', 'b']) {
        const own = findings.filter((one) => one.condition === condition).map(({ verdict }) => verdict);
        expect(verdicts[condition]).toBe(order.find((verdict) => own.includes(verdict)));
      }
    }),
  );
});

it('measurements of the first edition are read: what is hashed is the same text', async () => {
  const model = { ...lens.model, hash: async () => 'model' };
  const shared = { name: 'auto', threads: 2 } as Lens['runtime'];
  const sample = await sampleIdentity({ model, shared }, task, task);
  expect(Object.keys(sample)).toEqual(['model', 'labelWordIds', 'runtime', 'threads', 'data']);
  const { settings, trainings } = resolveCheck({ steps: 40, space: 'lora:r=8' });
  const asked = { ...task, asked: { labelRule: 'first' as const } };
  const text = JSON.stringify(trainingMeasured({ data: 'x' }, asked, trainings[1]!, settings, {}));
  const trajectory = '"trajectory":[1,4,5,19,20,39,40]';
  expect(text).toBe(
    `{"data":"x","training":{"space":"lora:r=8","optimizer":"adam","learningRates":[0.00002],"batchSizes":[8],"accumulationSteps":1,"steps":40,"schedule":"linear","warmUpSteps":0,"clipNorm":1,"dropout":true,${trajectory}},"check":{"optimizers":null,"space":"lora:r=8","sgdRates":[0.001],"adamRates":[0.00002],"batchSizes":[8],"steps":40,"clipNorm":1,"dropout":true,${trajectory},"earlySteps":8,"probes":64},"solve":{"solver":"lstsq","ridge":[0,0.001,0.01,0.1,1],"f0Scales":[10,100,1000,10000,null],"tied":false,"keepNoise":false},"prompting":{"labelRule":"first"}}`,
  );
});

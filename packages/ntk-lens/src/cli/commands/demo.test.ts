import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it } from 'vitest';
import { defaultRunConfig } from '../../options/run-config.js';
import { demoFigure, demoTable } from '../../present/demo-screen.js';
import { renderTable } from '../../present/render-table.js';
import { type Demo, runDemo } from '../../run/demo/demo.js';
import { runCli } from '../../testing/run-cli.js';
import { programName } from '../program-name.js';

it('the demo compares five ways, gives two verdicts, and goes on from what lies in its directory', async () => {
  const root = await temporaryDirectory();
  const model = await tinyModel(join(root, 'tiny'));
  const config = { ...defaultRunConfig, model, shots: [2], limitTest: 6, threads: 1 };
  const out = join(root, 'demo');
  const demo = await runDemo(config, { out });
  expect(demo.methods.map(({ name }) => name)).toEqual([
    'majority',
    'zero-shot',
    'SGD kernel',
    'linearized',
    'fine-tuned',
  ]);
  for (const { test } of demo.methods) expect(Math.round(test * 6)).toBeCloseTo(test * 6, 9);
  expect(demo.findings.map(({ condition }) => condition)).toEqual(['solves', 'linearization']);
  expect(JSON.parse(await readFile(join(out, 'demo.json'), 'utf8'))).toEqual(demo);
  expect((await readdir(out)).sort()).toEqual(['demo.json', 'finetune', 'kernel']);
  const phases: string[] = [];
  const again = await runDemo(config, { out, onProgress: ({ phase }) => phases.push(phase) });
  expect({ ...again, seconds: 0 }).toEqual({ ...demo, seconds: 0 });
  expect(phases).not.toContain('kernel');
  expect(phases).not.toContain('fine-tune');
  expect((await runCli(['report', out])).code).toBe(0);
  const page = await readFile(join(out, 'report.html'), 'utf8');
  expect(page).toContain(demoFigure(demo));
  expect(page.match(/data-name="heat-map"/g)).toHaveLength(2);
});

it('the screen of the demo fits 80 columns and 24 lines, whatever the verdicts', () => {
  const verdicts = ['holds', 'fails', 'cannot tell'] as const;
  for (const solves of verdicts)
    for (const linearization of verdicts) {
      const finding = { measure: '', threshold: '', definition: '' };
      const demo: Demo = {
        ...{ format: 'ntk-lens-demo', version: 1, directory: 'runs/demo', model: 'minilm-mlm' },
        task: { name: 'sentiment', template: '', labels: [], labelWords: [], metrics: ['accuracy'] },
        examples: { train: 32, test: 200 },
        methods: (['majority', 'zero-shot', 'SGD kernel', 'linearized', 'fine-tuned'] as const).map(
          (name) => ({ name, test: 1 }),
        ),
        ...{ steps: 20, learningRate: 0.001, seconds: 100 },
        findings: [
          { condition: 'solves', verdict: solves, ...finding },
          { condition: 'linearization', verdict: linearization, ...finding },
        ],
      };
      const lines = renderTable(demoTable(demo, 'runs/demo/accuracy.svg', 'npx -y pnpm ntk-lens')).split(
        '\n',
      );
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      // Leaves room for a line of each long phase, and for the line that was typed.
      expect(lines.length).toBeLessThanOrEqual(24 - 6);
    }
});

it('the next command is the one that works where the demo was started', () => {
  expect(programName({ npm_lifecycle_event: 'npx' })).toBe('npx ntk-lens');
  expect(programName({ npm_lifecycle_event: 'demo' })).toBe('npx -y pnpm ntk-lens');
  expect(programName({})).toBe('ntk-lens');
});

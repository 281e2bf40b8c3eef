import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadKernel } from '@ntk-lens/lens/stored';
import type { Page, Section } from '@ntk-lens/report/page';
import type { Demo } from '../../run/demo/demo.js';
import { readExamples } from '../../run/examples-file.js';
import { kernelName } from '../../run/method-name.js';
import { programAndVersion } from '../../version.js';
import { demoFigure } from '../demo-screen.js';
import { kernelSections } from './kernel-parts.js';
import { numbersPart } from './numbers-part.js';
import { provenanceSection } from './provenance.js';
import { verdictRows } from './verdict-rows.js';

/** The kernel of a demo; none where its folder is gone. */
const kernelsOf = async (path: string, labels: readonly string[]): Promise<readonly Section[]> => {
  if (!existsSync(path)) return [];
  const { splits } = await loadKernel(path);
  const kernel = { name: kernelName('sgd'), splits, labels, examples: await readExamples(path) };
  return [{ title: 'Kernel', parts: [], sections: await kernelSections(kernel) }];
};

/**
 * The page of `demo`: the ways to answer side by side, both verdicts, and the kernel.
 *
 * @param directory that holds the demo now
 * @throws what reading the kernel throws
 */
export const demoPage = async (demo: Demo, directory: string): Promise<Page> => {
  const { task, model, examples, methods, findings, steps, learningRate } = demo;
  return {
    title: `Does fine-tuning on ${task.name} behave like a kernel method?`,
    subtitle: `${model}, ${examples.train} training and ${examples.test} test examples`,
    parts: [
      numbersPart(
        task.metrics[0],
        methods.map(({ name, test }) => ({ name, values: [test], strong: name === 'SGD kernel' })),
      ),
    ],
    sections: [
      { title: 'Results', parts: [{ kind: 'figure', svg: demoFigure(demo) }] },
      { title: 'Verdicts', parts: [{ kind: 'verdicts', verdicts: verdictRows(findings) }] },
      ...(await kernelsOf(join(directory, 'kernel'), task.labels)),
      await provenanceSection({
        command: 'ntk-lens demo',
        facts: {
          ...{ model, prompt: task.template, steps, 'learning rate': learningRate },
          'label words': task.labels.map((label, i) => `${label} → ${task.labelWords[i] ?? '–'}`).join(', '),
        },
        directories: ['kernel', 'finetune'].map((name) => [name, join(directory, name)]),
      }),
    ],
    madeBy: programAndVersion,
  };
};

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWeights } from '@ntk-lens/checkpoints';
import { trace } from '@ntk-lens/engine';
import { expect, test } from 'vitest';
import { forwardStage } from '../chain/stage-programs.js';
import { plannedShapes } from '../chain/stage-tensors.js';
import { UnsupportedArchitectureError } from '../config/errors.js';
import { loadModel } from '../node/load-model.js';
import { architectureCase, architectureNames } from '../testing/architecture-cases.js';
import { modelTypes } from './registry.js';

/**
 * Tensors of the checkpoints that cannot matter to the logits: pooler and next-sentence head, which the
 * language-model head does not read, buffers, and with untied embeddings the second of two biases.
 */
const unused: Readonly<Record<string, readonly string[]>> = {
  albert: [
    'albert.embeddings.position_ids',
    'albert.pooler.bias',
    'albert.pooler.weight',
    'sop_classifier.classifier.bias',
    'sop_classifier.classifier.weight',
  ],
  'albert-groups': [
    'albert.pooler.bias',
    'albert.pooler.weight',
    'sop_classifier.classifier.bias',
    'sop_classifier.classifier.weight',
  ],
  bert: [
    'bert.embeddings.position_ids',
    'bert.pooler.dense.bias',
    'bert.pooler.dense.weight',
    'cls.seq_relationship.bias',
    'cls.seq_relationship.weight',
  ],
  'bert-untied': ['cls.predictions.bias'],
  'deberta-v2-conv': ['cls.predictions.bias'],
  electra: ['electra.embeddings.position_ids'],
  gpt2: ['h.0.attn.bias', 'h.1.attn.bias', 'h.2.attn.bias'],
  gpt_neo: [0, 1].flatMap((i) =>
    ['bias', 'masked_bias'].map((buffer) => `transformer.h.${i}.attn.attention.${buffer}`),
  ),
  gpt_neox: [0, 1].flatMap((i) =>
    ['bias', 'masked_bias', 'rotary_emb.inv_freq'].map(
      (buffer) => `gpt_neox.layers.${i}.attention.${buffer}`,
    ),
  ),
  'xlm-roberta': ['lm_head.bias'],
};

test.each(architectureNames)('every tensor of %s belongs to a site or cannot matter', async (name) => {
  const { directory } = architectureCase(name);
  const source = await openWeights(directory);
  const model = await loadModel(directory);
  const used = new Set([...model.parameters.keys()].map((parameter) => model.storedName(parameter)));
  expect(source.names.filter((stored) => !used.has(stored)).sort()).toEqual(unused[name] ?? []);
  await source.close();
  await model.close();
});

test.each(architectureNames)(
  'stages of %s have names of their own, and sites and weights that agree',
  async (name) => {
    const model = await loadModel(architectureCase(name).directory);
    const stages = model.stages([3, 5]);
    expect(new Set(stages.map((stage) => stage.name)).size).toBe(stages.length);
    for (const stage of stages) {
      expect(new Set(stage.sites.map((site) => site.name)).size).toBe(stage.sites.length);
      for (const [local, { name: parameter, shape }] of Object.entries(stage.weights)) {
        expect(stage.sites.map((site) => site.name)).toContain(local.slice(0, local.lastIndexOf('.')));
        expect(model.parameters.get(parameter)).toEqual(shape);
      }
    }
    const layers = stages.filter((stage) => stage.attends);
    expect(layers).toHaveLength(
      model.config.layers * ('innerGroups' in model.config ? model.config.innerGroups : 1),
    );
    // The last layer computes one row of every example, so it is a function of its own.
    expect(layers.filter(({ identity }) => identity === layers.at(-1)!.identity)).toHaveLength(1);
    await model.close();
  },
);

test('stages of equal identity and shapes are traced to equal graphs', async () => {
  const graphs = new Map<string, string>();
  for (const name of architectureNames) {
    const model = await loadModel(architectureCase(name).directory);
    let x: readonly number[] | undefined;
    for (const stage of model.stages([3])) {
      const shapes = plannedShapes(stage, 2, 3, x);
      const program = forwardStage({ stage, shapes, keep: [], logitWeights: undefined });
      const { nodes, results } = trace(program.flat);
      x = nodes[results.get(program.results.y)!]!.shape;
      const graph = JSON.stringify([nodes, [...results]]);
      const key = JSON.stringify([stage.identity, shapes]);
      expect(graphs.get(key) ?? graph, `${name} ${stage.name}`).toBe(graph);
      graphs.set(key, graph);
    }
    await model.close();
  }
  expect(graphs.size).toBeGreaterThan(architectureNames.length);
  expect(new Set(graphs.values()).size).toBeGreaterThan(architectureNames.length);
});

test('a layer that scales attention by its number is a function of its own', async () => {
  const model = await loadModel(architectureCase('gpt2-scaled').directory);
  const layers = model.stages([3]).filter((stage) => stage.attends);
  expect(new Set(layers.map(({ identity }) => identity)).size).toBe(layers.length);
  await model.close();
});

test('a model of another architecture is refused with the list of those that are supported', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-architecture-'));
  await writeFile(
    join(directory, 'config.json'),
    JSON.stringify({ model_type: 't5', architectures: ['T5ForConditionalGeneration'] }),
  );
  await expect(loadModel(directory)).rejects.toThrow(UnsupportedArchitectureError);
  await expect(loadModel(directory)).rejects.toThrow(new RegExp(modelTypes.join(' .*')));
  await rm(directory, { recursive: true });
});

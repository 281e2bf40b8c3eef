import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normParameters, parameterOrders } from '../architectures/parameter-orders.js';
import { readSecondMoment } from '../node/read-second-moment.js';
import { groupRules } from './decay-groups.js';
import { modelOf, stateCase, stateRoot } from './testing/states.js';

const names = readdirSync(stateRoot)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

const fileOfCase = (name: string): string => {
  const torch = join(stateRoot, `${name}.pt`);
  return existsSync(torch) ? torch : join(stateRoot, `${name}.safetensors`);
};

describe('an optimizer state that transformers and torch left', () => {
  it.each(names)('%s has the v of every parameter of the model', async (name) => {
    const stored = stateCase(name);
    const model = modelOf(stored.config);
    const moment = await readSecondMoment(fileOfCase(name), model);
    expect([moment.step, moment.beta2]).toEqual([stored.step, stored.beta2]);
    const untrained: string[] = [];
    for (const [parameter, shape] of model.parameters) {
      if (!moment.has(parameter)) {
        untrained.push(parameter);
        continue;
      }
      const twins = [...model.parameters.keys()].filter(
        (other) => model.storedName(other) === model.storedName(parameter),
      );
      const candidates = [parameter, ...twins, parameter.replace('decoder.bias', 'bias')];
      const golden = stored.parameters[candidates.find((other) => stored.parameters[other])!]!;
      const v = await moment.read(parameter);
      expect([...v.shape], parameter).toEqual([...shape]);
      expect([...v.shape], parameter).toEqual(golden.shape);
      let [squares, probe] = [0, 0];
      for (const [i, value] of v.data.entries()) {
        squares += value * value;
        probe += value * Math.cos(i);
      }
      expect(Math.abs(Math.sqrt(squares) - golden.norm), parameter).toBeLessThanOrEqual(1e-12 * golden.norm);
      expect(Math.abs(probe - golden.probe), parameter).toBeLessThanOrEqual(1e-12 * golden.norm);
    }
    const frozen = name.startsWith('distilbert-sinusoidal')
      ? ['distilbert.embeddings.position_embeddings.weight']
      : [];
    expect(untrained).toEqual(frozen);
    expect(moment.describe['without']).toEqual(frozen);
    expect(JSON.parse(JSON.stringify(moment.describe))).toEqual(moment.describe);
    await moment.close();
  });

  it.each(names)('%s is in an order that is known', (name) => {
    const { config, order } = stateCase(name);
    const { config: own } = modelOf(config);
    const known = parameterOrders(own).flatMap((names) =>
      groupRules(normParameters(own)).map(({ groups }) => groups(names).flat().join()),
    );
    expect(known).toContain(order.join());
  });

  it('distinguishes all parameters by their numbers, so that a wrong order would be seen', () => {
    for (const name of names) {
      const probes = Object.values(stateCase(name).parameters).map(({ probe }) => probe);
      expect(new Set(probes).size).toBe(probes.length);
    }
  });

  it('says where its names come from', async () => {
    const from = async (name: string) => {
      const moment = await readSecondMoment(fileOfCase(name), modelOf(stateCase(name).config));
      await moment.close();
      return moment.describe['names'];
    };
    expect(await from('roberta')).toBe('order of transformers, groups of transformers.Trainer');
    expect(await from('roberta-examples')).toBe('order of transformers, no decay of bias, LayerNorm.weight');
    expect(await from('gpt2-one-group')).toBe('order of transformers, one group');
    expect(await from('roberta-named')).toBe('param_names in the file');
    expect(await from('roberta-tensors')).toBe('names in the file');
  });

  it('gives a fresh array each time, and one v for a tied decoder and the word embeddings', async () => {
    const moment = await readSecondMoment(
      fileOfCase('xlm-roberta'),
      modelOf(stateCase('xlm-roberta').config),
    );
    const decoder = await moment.read('lm_head.decoder.weight');
    const words = await moment.read('roberta.embeddings.word_embeddings.weight');
    expect(decoder.data).toEqual(words.data);
    decoder.data.fill(-1);
    expect((await moment.read('lm_head.decoder.weight')).data).toEqual(words.data);
    await moment.close();
  });
});

import { firstPosition, loadModel } from '@ntk-lens/models';
import { expect, test } from 'vitest';
import { architectureCase } from '../../../models/src/testing/architecture-cases.js';
import { activeIn } from '../factors/active-parameters.js';
import { readValues } from './read-values.js';

/** The sites of the second layer whose values its backward pass reads, where these parameters count. */
const readIn = async (name: string, filter: (parameter: string) => boolean = () => true) => {
  const { directory, labelWordIds } = architectureCase(name);
  const model = await loadModel(directory);
  await model.close();
  const stages = model.stages(labelWordIds);
  const active = activeIn(stages, filter, false, false);
  const read = readValues(stages, active, { padTo: 5, firstPosition: firstPosition(model.config) });
  return { read, stages, sites: [...read(1)].sort() };
};

test('all of a layer that ends with a norm is read; what is added last to a residual stream is not', async () => {
  const all = ['attention.output', 'gate', 'intermediate', 'key', 'query', 'value'];
  expect((await readIn('llama')).sites).toEqual(all);
  expect((await readIn('gemma2')).sites).toEqual([...all, 'output'].sort());
  expect((await readIn('gpt2')).sites).not.toContain('output');
  expect((await readIn('bert')).sites).toContain('output');
});

test('nothing of a head is kept, and nothing of a first stage that no pass goes back through', async () => {
  const { read, stages } = await readIn('bert', (parameter) => parameter.includes('layer.'));
  expect(read(stages.length - 1)).toEqual(new Set());
  expect(read(0)).toEqual(new Set());
});

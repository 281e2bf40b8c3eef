import { Beta2Error, NotAdamStateError, writeSafetensors } from '@ntk-lens/checkpoints';
import { describe, expect, it } from 'vitest';
import { readSecondMoment } from '../node/read-second-moment.js';
import { OptimizerStepError } from './errors.js';
import { fileOf, filled, tinyRoberta } from './testing/states.js';

const { order, shapes, model, query, place, refusal } = tinyRoberta();

describe('a state in a safetensors file', () => {
  const write = async (
    nameOf: (parameter: string, number: number) => string,
    metadata: Readonly<Record<string, string>>,
  ) => {
    const file = await fileOf('', 'safetensors');
    const tensors = order.map((name, k) => [nameOf(name, k), filled(shapes[k]!, k + 1)] as const);
    await writeSafetensors(file, new Map(tensors), metadata);
    return file;
  };
  const forms: Readonly<Record<string, (name: string, number: number) => string>> = {
    '<parameter>.exp_avg_sq': (name) => `${name}.exp_avg_sq`,
    'exp_avg_sq.<parameter>': (name) => `exp_avg_sq.${name}`,
    'state.<parameter>.exp_avg_sq': (name) => `state.${name}.exp_avg_sq`,
    'state.<number>.exp_avg_sq': (_, number) => `state.${number}.exp_avg_sq`,
  };
  it.each(Object.keys(forms))('with tensors %s is read, steps and β₂ from the metadata', async (form) => {
    const writings = [
      ['betas', '[0.9, 0.95]'],
      ['betas', '(0.9, 0.95)'],
      ['beta2', '0.95'],
    ] as const;
    for (const [field, text] of writings) {
      const file = await write(forms[form]!, { step: '12', [field]: text });
      const moment = await readSecondMoment(file, model, form.includes('number') ? { names: order } : {});
      expect([moment.step, moment.beta2]).toEqual([12, 0.95]);
      expect((await moment.read(query)).data[0]).toBe(place + 1);
      await moment.close();
    }
  });

  it('without steps, or with words for numbers, is refused', async () => {
    const form = forms['<parameter>.exp_avg_sq']!;
    expect(await refusal(await write(form, {}))).toBeInstanceOf(OptimizerStepError);
    expect(await refusal(await write(form, { step: 'many' }))).toBeInstanceOf(OptimizerStepError);
    expect(await refusal(await write(form, { step: '1', betas: 'high' }))).toBeInstanceOf(Beta2Error);
    expect(await refusal(await write((name) => `${name}.momentum_buffer`, { step: '1' }))).toBeInstanceOf(
      NotAdamStateError,
    );
    expect(await refusal(await write((name) => `${name}.max_exp_avg_sq`, { step: '1' }))).toBeInstanceOf(
      NotAdamStateError,
    );
  });
});

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BadArgumentError } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { PickleRefusedError } from '../weights/pickle-errors.js';
import { writeSafetensors } from '../weights/write-safetensors.js';
import { groupRules } from './decay-groups.js';
import {
  Beta2Error,
  MissingSecondMomentError,
  NotAdamStateError,
  OptimizerModelError,
  OptimizerStateFormatError,
  OptimizerStepError,
  ParameterNamesError,
  SecondMomentValueError,
  TrainingStateError,
} from './errors.js';
import { readSecondMoment, type SecondMomentOptions } from './read-second-moment.js';
import { adamState, fileOf, filled, modelOf, stateCase, stateRoot, torchFile } from './testing.js';

const { config, order, parameters } = stateCase('roberta-named');
const model = modelOf(config);
const shapes = order.map((name) => parameters[name]!.shape);
const query = 'roberta.encoder.layer.0.attention.self.query.weight';
const place = order.indexOf(query);
const fixture = (name: string) => join(stateRoot, name);

/** A refusal at opening; the messages of two are never the same. */
const refusal = async (
  file: string,
  options: SecondMomentOptions = {},
  of: Parameters<typeof readSecondMoment>[1] = model,
): Promise<Error> =>
  readSecondMoment(file, of, options).then(
    () => {
      throw new Error(`${file} was read.`);
    },
    (error: unknown) => error as Error,
  );

/** A state in one group with one entry changed. */
const changed = async (change: (entry: Record<string, unknown>) => Record<string, unknown>, at = place) => {
  const state = adamState(shapes, { names: order });
  const entries = new Map([...state.state].map(([key, entry]) => [key, { ...(entry as object) }] as const));
  entries.set(at, change(entries.get(at) as Record<string, unknown>));
  return torchFile({ ...state, state: entries } as never);
};

describe('a file that is no state of Adam', () => {
  it('is refused by what it holds instead', async () => {
    const sgd = await refusal(fixture('sgd.pt'));
    expect(sgd).toBeInstanceOf(NotAdamStateError);
    expect(sgd.message).toMatch(/states of momentum_buffer/);
    const adafactor = await refusal(fixture('adafactor.pt'));
    expect(adafactor).toBeInstanceOf(NotAdamStateError);
    expect(adafactor.message).toMatch(/exp_avg_sq_row/);
    const amsgrad = await refusal(fixture('amsgrad.pt'));
    expect(amsgrad).toBeInstanceOf(NotAdamStateError);
    expect(amsgrad.message).toMatch(/max_exp_avg_sq/);
    const before = await refusal(
      await torchFile({ state: {}, param_groups: adamState(shapes).param_groups }),
    );
    expect(before).toBeInstanceOf(NotAdamStateError);
    expect(before.message).toMatch(/no state of any parameter/);
  });

  it('is refused where it is another torch file', async () => {
    const weights = fileURLToPath(new URL('../../fixtures/weights', import.meta.url));
    const kernel = await refusal(join(weights, 'torch/kernel.pt'));
    expect(kernel).toBeInstanceOf(OptimizerStateFormatError);
    const bin = await refusal(join(weights, 'tiny-bert-bin/pytorch_model.bin'));
    expect(bin).toBeInstanceOf(OptimizerStateFormatError);
    expect(bin.message).toMatch(/a dictionary of bert\./);
    const safetensors = await refusal(join(weights, 'tiny-bert/model.safetensors'));
    expect(safetensors).toBeInstanceOf(OptimizerStateFormatError);
    expect(safetensors.message).toMatch(/<parameter>\.exp_avg_sq/);
    expect(await refusal(join(weights, 'malicious/os-system.2.pt'))).toBeInstanceOf(PickleRefusedError);
    const groups = await torchFile({ state: {}, param_groups: [{ lr: 1 }] });
    expect(await refusal(groups)).toBeInstanceOf(OptimizerStateFormatError);
    const stray = adamState(shapes);
    const lost = await refusal(await torchFile({ state: stray.state, param_groups: [{ params: [0, 1] }] }));
    expect(lost).toBeInstanceOf(OptimizerStateFormatError);
    const [group] = stray.param_groups;
    const twice = await refusal(await torchFile({ ...stray, param_groups: [group!, group!] } as never));
    expect(twice.message).toMatch(/a parameter in two groups/);
  });

  it('is refused where it is a checkpoint of fine-tuning with ntk-lens', async () => {
    const file = await fileOf('', 'safetensors');
    const name = 'roberta.embeddings.word_embeddings.weight';
    const tensors = [name, `${name} first`, `${name} second`].map((key) => [key, filled([4, 8], 1)] as const);
    await writeSafetensors(file, new Map(tensors));
    const error = await refusal(file);
    expect(error).toBeInstanceOf(TrainingStateError);
    expect(error.message).toMatch(/rows of word tables/);
  });
});

describe('a state of another model', () => {
  it('is refused with the parameter, what was found and what was expected', async () => {
    const error = await refusal(await changed((entry) => ({ ...entry, exp_avg_sq: filled([8, 9], 1) })));
    expect(error).toBeInstanceOf(OptimizerModelError);
    expect(error.message).toContain(`found "${query}" of shape [8,9], expected [8,8]`);
  });

  it('is refused where it has more layers of the same sizes', async () => {
    const smaller = modelOf({ ...config, num_hidden_layers: 1 });
    const error = await refusal(fixture('roberta-named.pt'), {}, smaller);
    expect(error).toBeInstanceOf(OptimizerModelError);
    expect(error.message).toMatch(/roberta\.encoder\.layer\.1\..*which the model lacks/);
    const bare = order.map((name) => name.replace('roberta.', ''));
    expect(await refusal(fixture('roberta.pt'), { names: bare }, smaller)).toBeInstanceOf(
      OptimizerModelError,
    );
  });

  it('is refused where its decoder is not tied and that of the model is', async () => {
    const untied = stateCase('roberta-untied');
    const error = await refusal(fixture('roberta-untied.pt'), { names: untied.order });
    expect(error).toBeInstanceOf(OptimizerModelError);
    expect(error.message).toMatch(/word_embeddings\.weight and lm_head\.decoder\.weight apart/);
  });

  it('asks for names where groups have other sizes or shapes', async () => {
    const sizes = await refusal(fixture('roberta.pt'), {}, modelOf({ ...config, num_hidden_layers: 3 }));
    expect(sizes).toBeInstanceOf(ParameterNamesError);
    expect(sizes.message).toMatch(/found groups of 16 \+ 26 parameters, expected .*22 \+ 36/);
    expect(sizes.message).toContain('Pass "names"');
    const other = await refusal(fixture('roberta.pt'), {}, modelOf({ ...config, intermediate_size: 14 }));
    expect(other).toBeInstanceOf(ParameterNamesError);
    expect(other.message).toMatch(/intermediate\.dense\.weight" of shape \[14,8\], found \[12,8\]/);
    expect(await refusal(fixture('gpt2.pt'))).toBeInstanceOf(ParameterNamesError);
  });

  it('is refused where no name is one of the model', async () => {
    const error = await refusal(fixture('gpt2.pt'), { names: stateCase('gpt2').order });
    expect(error).toBeInstanceOf(ParameterNamesError);
    expect(error.message).toMatch(/transformer\.wte\.weight/);
  });
});

describe('names of numbered parameters', () => {
  it('are never guessed where two orders fit', async () => {
    // The versions of transformers differ in what comes first of positions and types: here both have 20 rows.
    const equal = modelOf({ ...config, type_vocab_size: 20 });
    const shapeOf = (name: string) => (name.includes('token_type') ? [20, 8] : parameters[name]!.shape);
    const [decayed, others] = groupRules[0]!.groups(order) as [readonly string[], readonly string[]];
    const { state, param_groups } = adamState([...decayed, ...others].map(shapeOf));
    const [group] = param_groups;
    const numbers = group!.params;
    const groups = [numbers.slice(0, decayed.length), numbers.slice(decayed.length)].map((params) => ({
      ...group!,
      params,
    }));
    const file = await torchFile({ state, param_groups: groups } as never);
    const error = await refusal(file, {}, equal);
    expect(error).toBeInstanceOf(ParameterNamesError);
    expect(error.message).toMatch(/(position|token_type)_embeddings\.weight" may be parameter [12] or [12]/);
    const named = await readSecondMoment(file, equal, { names: [...decayed, ...others] });
    expect((await named.read(decayed[2]!)).data[0]).toBe(3);
    await named.close();
    // In one group LayerNorm is between them, and tells the versions apart.
    const single = await readSecondMoment(await torchFile(adamState(order.map(shapeOf)) as never), equal);
    expect((await single.read(query)).data[0]).toBe(place + 1);
    await single.close();
  });

  it('are taken from the option, as an array or a file', async () => {
    const file = await torchFile(adamState(shapes) as never);
    for (const names of [order, await fileOf(JSON.stringify(order), 'json')]) {
      const moment = await readSecondMoment(file, model, { names });
      expect(moment.describe['names']).toBe('given names');
      expect((await moment.read(query)).data[0]).toBe(place + 1);
      await moment.close();
    }
  });

  it('may be without the base prefix, inside wrappers, and have the head under its other name', async () => {
    const forms: ((name: string) => string)[] = [
      (name) => name.replace(/^roberta\./, ''),
      (name) => `module.${name}`,
      (name) => `_orig_mod.module.${name}`,
      (name) => name.replace('lm_head.bias', 'lm_head.decoder.bias'),
    ];
    for (const form of forms) {
      const file = await torchFile(adamState(shapes, { names: order.map(form) }) as never);
      const moment = await readSecondMoment(file, model);
      for (const name of model.parameters.keys()) {
        const stored = model.storedName(name);
        expect((await moment.read(name)).data[0]).toBe(order.indexOf(stored) + 1);
      }
      await moment.close();
    }
  });

  it('are refused where they are not one for each parameter', async () => {
    const file = await torchFile(adamState(shapes) as never);
    expect(await refusal(file, { names: order.slice(1) })).toBeInstanceOf(BadArgumentError);
    const twice = [...order.slice(1), order[1]!];
    expect(await refusal(file, { names: twice })).toBeInstanceOf(ParameterNamesError);
    for (const text of ['{', '{}', '[1]']) {
      expect(await refusal(file, { names: await fileOf(text, 'json') })).toBeInstanceOf(BadArgumentError);
    }
    expect(await refusal(fixture('roberta-tensors.safetensors'), { names: order })).toBeInstanceOf(
      BadArgumentError,
    );
  });
});

describe('steps and decay rates', () => {
  it('must be one for all parameters', async () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [4, /3 steps, and 4 of parameter/],
      [0, /0 steps/],
      [-1, /-1 steps/],
      [2.5, /2\.5 steps/],
      [Number.NaN, /NaN steps/],
      ['three', /no step count/],
    ];
    for (const [step, message] of cases) {
      const error = await refusal(await changed((entry) => ({ ...entry, step })));
      expect(error).toBeInstanceOf(OptimizerStepError);
      expect(error.message).toMatch(message);
    }
    const none = await refusal(await changed(({ step, ...rest }) => rest));
    expect(none).toBeInstanceOf(OptimizerStepError);
  });

  it('count of the group stands in for that of the states', async () => {
    const { state, param_groups } = adamState(shapes, { names: order });
    const bare = new Map(
      [...state].map(([key, entry]) => [key, { exp_avg_sq: (entry as never)['exp_avg_sq'] }]),
    );
    const groups = param_groups.map((group) => ({ ...group, step: 17 }));
    const moment = await readSecondMoment(
      await torchFile({ state: bare, param_groups: groups } as never),
      model,
    );
    expect(moment.step).toBe(17);
    await moment.close();
  });

  it('come from the file, else from the option, else from torch', async () => {
    const { state, param_groups } = adamState(shapes, { names: order });
    const without = param_groups.map(({ betas, ...group }) => group);
    const bare = await torchFile({ state, param_groups: without } as never);
    const found = async (file: string, options: SecondMomentOptions = {}) => {
      const moment = await readSecondMoment(file, model, options);
      await moment.close();
      return [moment.beta2, moment.describe['beta2From']];
    };
    expect(await found(bare)).toEqual([0.999, 'default']);
    expect(await found(bare, { beta2: 0.95 })).toEqual([0.95, 'option']);
    const whole = fixture('roberta.pt');
    expect(await found(whole)).toEqual([0.98, 'file']);
    expect(await found(whole, { beta2: 0.98 })).toEqual([0.98, 'file']);
    expect(await refusal(whole, { beta2: 0.999 })).toBeInstanceOf(Beta2Error);
    expect(await refusal(bare, { beta2: 1 })).toBeInstanceOf(BadArgumentError);
    expect(
      await refusal(await torchFile(adamState(shapes, { names: order, betas: [0.9, 1] }) as never)),
    ).toBeInstanceOf(Beta2Error);
    const [group] = param_groups;
    const split = [
      { ...group!, params: [0], param_names: order.slice(0, 1) },
      { ...group!, betas: [0.9, 0.5], params: group!.params.slice(1), param_names: order.slice(1) },
    ];
    expect(await refusal(await torchFile({ state, param_groups: split } as never))).toBeInstanceOf(
      Beta2Error,
    );
  });
});

describe('v of one parameter', () => {
  it.each([
    ['negative', -1e-9],
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
  ])('that is %s is refused by name when it is read', async (_, value) => {
    const bad = filled([8, 8], 1);
    bad.data[13] = value;
    const moment = await readSecondMoment(await changed((entry) => ({ ...entry, exp_avg_sq: bad })), model);
    const error = (await moment.read(query).catch((e: unknown) => e)) as Error;
    expect(error).toBeInstanceOf(SecondMomentValueError);
    expect(error.message).toContain(`"${query}"`);
    expect(error.message).toContain('flat index 13');
    await moment.read('lm_head.bias');
    await moment.close();
  });

  it('that the optimizer did not train is refused by name when it is read', async () => {
    const { state, param_groups } = adamState(shapes, { names: order });
    const rest = new Map([...state].filter(([key]) => key !== place));
    const moment = await readSecondMoment(await torchFile({ state: rest, param_groups } as never), model);
    expect(moment.has(query)).toBe(false);
    expect(moment.describe['without']).toEqual([query]);
    await expect(moment.read(query)).rejects.toThrow(MissingSecondMomentError);
    await expect(moment.read('no.such.parameter')).rejects.toThrow(MissingSecondMomentError);
    await moment.close();
  });
});

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

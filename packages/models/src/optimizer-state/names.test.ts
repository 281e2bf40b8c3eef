import { createHash } from 'node:crypto';
import { BadArgumentError } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { normParameters } from '../architectures/parameter-orders.js';
import { type ReadSecondMomentOptions, readSecondMoment } from '../node/read-second-moment.js';
import { groupRules } from './decay-groups.js';
import { ParameterNamesError } from './errors.js';
import { adamState, fileOf, fixture, modelOf, tinyRoberta, torchFile } from './testing/states.js';

const { config, order, shapes, model, query, place, refusal } = tinyRoberta();

describe('names of numbered parameters', () => {
  it('are never guessed where two orders fit', async () => {
    // The versions of transformers differ in what comes first of positions and types: here both have 20 rows.
    const equal = modelOf({ ...config, type_vocab_size: 20 });
    const shapeOf = (name: string) => (name.includes('token_type') ? [20, 8] : shapes[order.indexOf(name)]!);
    const [decayed, others] = groupRules(normParameters(model.config))[0]!.groups(order) as [
      readonly string[],
      readonly string[],
    ];
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

  it('are told apart by the order in `describe`, however they were found', async () => {
    const opened = async (file: string, options: ReadSecondMomentOptions = {}) => {
      const moment = await readSecondMoment(file, model, options);
      await moment.close();
      return moment.describe;
    };
    const numbered = await torchFile(adamState(shapes) as never);
    const key = query.replace('query', 'key');
    const swapped = order.map((name) => (name === query ? key : name === key ? query : name));
    const [one, two] = [await opened(numbered, { names: order }), await opened(numbered, { names: swapped })];
    expect(two).toEqual({ ...one, order: two['order'] });
    expect(two['order']).not.toBe(one['order']);

    const pairs = [...model.parameters.keys()]
      .sort()
      .map((name) => [name, order.indexOf(model.storedName(name))]);
    const hash = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
    expect(one['order']).toBe(hash(pairs));
    expect((await opened(numbered))['order']).toBe(hash(pairs));
    const named = async (names: readonly string[]) =>
      (await opened(await torchFile(adamState(shapes, { names }) as never)))['order'];
    expect(await named(order)).toBe(one['order']);
    expect(await named(swapped)).toBe(two['order']);

    const texts = pairs.map(([name]) => [name, model.storedName(String(name))]);
    expect((await opened(fixture('roberta-tensors.safetensors')))['order']).toBe(hash(texts));
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
    const own = await refusal(fixture('roberta-tensors.safetensors'), { names: order });
    expect(own).toBeInstanceOf(BadArgumentError);
    expect(own.message).toMatch(/expected no names, because .*safetensors already names its parameters/);
  });
});

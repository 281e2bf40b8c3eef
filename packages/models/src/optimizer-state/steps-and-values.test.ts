import { copyFile } from 'node:fs/promises';
import { Beta2Error } from '@ntk-lens/checkpoints';
import { BadArgumentError } from '@ntk-lens/core';
import { describe, expect, it } from 'vitest';
import { type ReadSecondMomentOptions, readSecondMoment } from '../node/read-second-moment.js';
import { MissingSecondMomentError, OptimizerStepError, SecondMomentValueError } from './errors.js';
import { adamState, filled, fixture, tinyRoberta, torchFile } from './testing/states.js';

const { order, shapes, model, query, place, refusal, changed } = tinyRoberta();

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
    const found = async (file: string, options: ReadSecondMomentOptions = {}) => {
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
    const odd = param_groups.map((group) => ({ ...group, betas: ['high', 'higher'] }));
    expect(await refusal(await torchFile({ state, param_groups: odd } as never))).toBeInstanceOf(Beta2Error);
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
  /** The state with one number of v of the query changed. */
  const withValue = (value: number) => {
    const bad = filled([8, 8], 1);
    bad.data[13] = value;
    return changed((entry) => ({ ...entry, exp_avg_sq: bad }));
  };

  it.each([
    ['negative', -1],
    ['NaN', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
  ])('that is %s is refused by name when the file is opened', async (_, value) => {
    const error = await refusal(await withValue(value));
    expect(error).toBeInstanceOf(SecondMomentValueError);
    expect(error.message).toContain(`"${query}"`);
    expect(error.message).toContain(`${value} at flat index 13, expected finite numbers of at least 0`);
  });

  it('that is impossible is refused when it is read, where the file has changed since', async () => {
    const [file, other] = [await withValue(0), await withValue(-1)];
    const moment = await readSecondMoment(file, model);
    expect((await moment.read(query)).data[13]).toBe(0);
    await copyFile(other, file);
    await expect(moment.read(query)).rejects.toThrow(SecondMomentValueError);
    await moment.read('lm_head.bias');
    await moment.close();
  });

  it('of a parameter that the model lacks is not checked', async () => {
    const names = [...order, 'classifier.weight'];
    const state = adamState([...shapes, [2, 8]], { names });
    const entry = { step: 3, exp_avg_sq: filled([2, 8], Number.NaN) };
    const entries = new Map<number, unknown>([...state.state, [order.length, entry]]);
    const moment = await readSecondMoment(await torchFile({ ...state, state: entries } as never), model);
    expect(moment.has('classifier.weight')).toBe(false);
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
